import { AssertionError } from 'node:assert/strict';
import { OPERATIONS, type Operation, type Scope } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { LIMITS } from '../core/contract/schemas.ts';
import type { Answer, Call } from '../core/transport/transport.ts';
import type { Actor, Deps } from './deps.ts';
import { authenticate } from './identity/authenticate.ts';
import type { Rates } from './rates.ts';
import { readInput } from './read-input.ts';
import { checkRank } from './staff/ranks.ts';
import { USE_CASES } from './use-cases/table.ts';

/** Where a call came from: `console` is this very process; `address` the client's network address. */
export type Caller = {
  readonly console: boolean;
  readonly address?: string | undefined;
  /** Told who it is, once that is known: for the log of whoever asked. */
  readonly onActor?: (actor: Actor) => void;
};

type AnyUseCase = (deps: Deps, actor: Actor, input: unknown, carried: object) => Promise<unknown>;

/**
 * Performs one call: who is it, may they, not too often, is the input what the contract says, then the use-case. The same
 * for calls from this process and from the network. Throws a Refusal for every expected no; anything else is logged and becomes
 * `unexpected`, which says nothing of the inside (ASVS V16.5.1). A failed assertion is the last thing that is performed.
 */
export async function perform(deps: Deps, call: Call, caller: Caller, rates?: Rates): Promise<Answer> {
  const { fuse } = deps.engine;
  try {
    fuse.check();
    const operation: Operation = OPERATIONS[call.operation];
    // What anybody may do needs no session, and must not fail for one that has ended.
    const token = operation.role === 'anyone' ? undefined : call.token;
    const actor = await authenticate(deps, token, caller);
    caller.onActor?.(actor);
    allow(operation, actor);
    if (operation.fresh && !actor.token) await checkFresh(deps, actor);
    rates?.(call.operation, actor);
    const input = readInput(call.operation, call.input);
    const carried = {
      ...(operation.money === 'header' ? { key: keyOf(call) } : {}),
      ...(call.body ? { body: call.body } : {}),
    };
    const useCase = (await USE_CASES[call.operation]()) as unknown as AnyUseCase;
    const output = await useCase(deps, actor, input, carried);
    return operation.stream === 'out' ? { text: output as AsyncIterable<string> } : { output };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof AssertionError) fuse.blow(error);
    deps.log.error('unexpected', {
      operation: call.operation,
      stack: (error as Error).stack ?? String(error),
    });
    throw new Refusal('unexpected');
  }
}

function allow({ role, scope }: Operation, actor: Actor): void {
  if (role === 'anyone') return;
  if (role === 'console') {
    if (!actor.console) throw new Refusal('console_only');
    return;
  }
  if (actor.user === undefined) throw new Refusal('session_required');
  if (actor.token) checkScope(scope, actor.token.scopes);
  if (role === 'holder') return;
  checkRank(actor.role, role);
  // Staff always use two factors (ASVS V6.3.3).
  if (!actor.withFactor) throw new Refusal('second_factor_missing');
}

function checkScope(scope: Operation['scope'], allowed: readonly Scope[]): void {
  if (scope === undefined) throw new Refusal('session_only');
  if (scope !== 'any' && !allowed.includes(scope)) throw new Refusal('scope_insufficient', { scope });
}

/** How long a proof of who one is counts, in milliseconds (ASVS V7.5.1). */
const FRESH_MS = 5 * 60_000;

async function checkFresh({ engine, now }: Deps, { user = '', provedAt }: Actor): Promise<void> {
  if (provedAt !== undefined && now() - provedAt <= FRESH_MS) return;
  const { factorOf } = await import('./identity/second-factor.ts');
  throw new Refusal('proof_required', { with: (await factorOf(engine, user)) ? 'code' : 'password' });
}

function keyOf(call: Call): string {
  const { key } = call;
  if (key === undefined || key === '') throw new Refusal('idempotency_key_missing');
  if (key.length > LIMITS.idempotencyKeyLength || !/^[\x21-\x7e]+$/.test(key)) {
    throw new Refusal('input_invalid', {
      field: 'Idempotency-Key',
      reason: `takes 1 to ${LIMITS.idempotencyKeyLength} visible ASCII characters`,
    });
  }
  return key;
}
