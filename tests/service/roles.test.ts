import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  OPERATIONS,
  type Operation,
  type OperationName,
  type Role,
  type Scope,
} from '../../src/core/contract/operations.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { openHarness, type Harness } from '../harness.ts';
import { tokenOf } from './tokens/token-holder.ts';

const STAFF = ['viewer', 'support', 'senior', 'admin'] as const;
const RANKS: readonly Role[] = STAFF;

/**
 * Who calls. Each stands in for one column of the table; `console` is nobody, on the machine itself. Staff call from
 * sessions that began with a second factor and from ones that did not.
 */
const CALLERS = [
  'nobody',
  'holder',
  ...STAFF,
  ...STAFF.map((role) => `${role} without factor` as const),
  'console',
] as const;
type Caller = (typeof CALLERS)[number];

/** What the table promises: undefined when the caller may, else the refusal's code. */
function promised(role: Role, caller: Caller): string | undefined {
  if (role === 'anyone') return undefined;
  if (role === 'console') return caller === 'console' ? undefined : 'console_only';
  if (caller === 'nobody' || caller === 'console') return 'session_required';
  if (role === 'holder') return undefined;
  const [rank] = caller.split(' ');
  if (RANKS.indexOf(rank as Role) < RANKS.indexOf(role)) return 'role_insufficient';
  return caller.endsWith('without factor') ? 'second_factor_missing' : undefined;
}

const SCOPES: readonly Scope[] = ['read', 'pay', 'payees', 'staff'];
/** Tokens by what they may do, each of an administrator: whatever is refused is refused for the token. */
const TOKENS: readonly (readonly Scope[])[] = [...SCOPES.map((scope) => [scope]), SCOPES];

/** What the table promises a token of an administrator. */
function promisedToken({ role, scope }: Operation, scopes: readonly Scope[]): string | undefined {
  if (role === 'anyone') return undefined;
  if (role === 'console') return 'console_only';
  if (scope === undefined) return 'session_only';
  return scope === 'any' || scopes.includes(scope) ? undefined : 'scope_insufficient';
}

describe('who may do what (ASVS V8.1.1, V8.2.1, V6.3.3): every operation for every caller, no cell left out', () => {
  let harness: Harness;
  const tokens = new Map<Caller, string | undefined>();
  const forPrograms = new Map<string, string>();
  beforeAll(async () => {
    harness = await openHarness();
    const admin = await harness.staff('admin');
    tokens.set('holder', (await harness.holder('holder')).token);
    for (const role of STAFF) {
      tokens.set(role, (await harness.staff(role)).token);
      const { email } = await harness.holder(`new${role}`);
      await admin.client.call('add-staff', { email, role });
      tokens.set(`${role} without factor`, (await harness.logIn(email)).token);
    }
    for (const scopes of TOKENS)
      forPrograms.set(scopes.join(' '), (await tokenOf(harness, admin, { scopes: [...scopes] })).secret);
  });
  afterAll(() => harness.close());

  const operations = Object.entries(OPERATIONS) as [OperationName, Operation][];
  const cells = operations.flatMap(([name, { role }]) =>
    CALLERS.map((caller) => [name, caller, promised(role, caller)] as const),
  );

  test.each(cells)('%s for %s: %s', async (operation, caller, expected) => {
    // An input that no schema takes: what is decided before the input is looked at is who may call.
    const token = tokens.get(caller);
    const call = { operation, input: { not: 'a field' }, ...(token === undefined ? {} : { token }) };
    const error: unknown = await harness.service.perform(call, { console: caller === 'console' }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe(expected ?? 'input_invalid');
  });

  const tokenCells = operations.flatMap(([name, operation]) =>
    TOKENS.map((scopes) => [name, scopes.join(' '), promisedToken(operation, scopes)] as const),
  );

  test.each(tokenCells)('%s for a token that may %s: %s', async (operation, scopes, expected) => {
    const call = { operation, input: { not: 'a field' }, token: forPrograms.get(scopes) ?? '' };
    const error: unknown = await harness.service
      .perform(call, { console: false })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe(expected ?? 'input_invalid');
  });

  test('the rules are written down for people, for each operation as the table has it (ASVS V8.1.1)', () => {
    const written = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
    const rows = [...written.matchAll(/^\| \[`([\w-]+)`\]\(#[\w-]+\) \| `[^`]+` \| (\w+) \| (\w*) \|/gm)];
    expect(rows.map(([, name, role, scope]) => [name, role, scope])).toEqual(
      operations.map(([name, { role, scope }]) => [name, role, scope ?? '']),
    );
  });

  test('every operation of staff that a token may do takes the scope of staff, and none gives rights away', () => {
    for (const [name, { role, scope }] of operations) {
      if (RANKS.includes(role)) expect([undefined, 'staff'], name).toContain(scope);
      else expect(scope, name).not.toBe('staff');
    }
    for (const name of ['add-staff', 'create-token', 'revoke-token', 'log-out', 'revoke-session'] as const)
      expect(OPERATIONS[name], name).not.toHaveProperty('scope');
  });

  test('support does not get the whole book, a senior does', async () => {
    const read = async (role: Caller) => {
      const token = tokens.get(role) ?? '';
      const answer = await harness.service.perform(
        { operation: 'export-journal', input: { format: 'csv', reason: 'closing' }, token },
        { console: false },
      );
      let text = '';
      if ('text' in answer) for await (const piece of answer.text) text += piece;
      return text;
    };
    await expect(read('support')).rejects.toMatchObject({ code: 'role_insufficient' });
    expect(await read('senior')).toContain('transfer');
  });
});
