import type { Action } from '../../core/contract/actions.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { insertRecord } from '../store/audit-log.ts';
import type { Writer } from '../store/engine/engine.ts';
import { placeOf } from './network-of.ts';

export type RecordDraft = {
  readonly action: Action;
  /** The holder it is about; the caller unless given. */
  readonly subject?: string | undefined;
  /** The thing it is about, by its id. */
  readonly object?: string | undefined;
  /** Why staff did it, in their words. */
  readonly reason?: string | undefined;
  /** Plain facts for whoever reads it; never a secret. */
  readonly facts?: Readonly<Record<string, string>>;
};

/** Whoever does something without having called: a job, or a member of staff in whose name it goes on. */
export function inNameOf(user: string): Parameters<typeof record>[2] {
  return { user, role: undefined, address: undefined, console: false, device: undefined };
}

/**
 * Writes in the audit log what is being done, in the transaction that does it: what is undone is not told. By whom, from
 * where, on which machine and with which token is the actor's. The row is sealed into the chain after the commit (seal.ts).
 */
export async function record(
  tx: Writer,
  { newId, now }: Pick<Deps, 'newId' | 'now'>,
  actor: Pick<Actor, 'user' | 'role' | 'address' | 'console' | 'device'> & Partial<Pick<Actor, 'token'>>,
  draft: RecordDraft,
): Promise<void> {
  await insertRecord(tx, {
    id: newId('record'),
    at: timestamp(now()),
    action: draft.action,
    actor: actor.user ?? 'nobody',
    actorRole: actor.role ?? null,
    subject: draft.subject ?? actor.user ?? null,
    object: draft.object ?? null,
    reason: draft.reason ?? null,
    device: actor.device ?? null,
    network: placeOf(actor),
    facts: JSON.stringify({ ...draft.facts, ...(actor.token ? { token: actor.token.id } : {}) }),
  });
}
