import { timestamp, type Deps } from './deps.ts';
import type { Writer } from './store/engine/engine.ts';
import { insertEvent } from './store/outbox.ts';

/** Has a mail sent once the transaction is committed: `kind` is a row of jobs/compose.ts. */
export async function haveMailed(
  tx: Writer,
  { newId, now }: Pick<Deps, 'newId' | 'now'>,
  kind: `mail.${string}`,
  payload: Readonly<Record<string, string>>,
): Promise<void> {
  const runAt = timestamp(now());
  await insertEvent(tx, { id: newId('mail'), kind, payload: JSON.stringify(payload), runAt });
}
