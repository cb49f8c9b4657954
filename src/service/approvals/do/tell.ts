import { timestamp, type Deps } from '../../deps.ts';
import type { Writer } from '../../store/engine/engine.ts';
import { insertEvent } from '../../store/outbox.ts';
import type { Facts } from '../approval.ts';

/** Has the holder told that an act about their account was done; `about` is what the mail says of it. */
export async function tell(
  tx: Writer,
  { newId, now }: Pick<Deps, 'newId' | 'now'>,
  about: Facts & { readonly user: string; readonly act: string },
): Promise<void> {
  const payload = JSON.stringify(about);
  await insertEvent(tx, { id: newId('mail'), kind: 'mail.act-done', payload, runAt: timestamp(now()) });
}
