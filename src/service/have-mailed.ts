import { timestamp, type Deps } from './deps.ts';
import { sealMailSecrets, type MailSecrets } from './identity/mail-secrets.ts';
import type { Writer } from './store/engine/engine.ts';
import { insertEvent } from './store/outbox.ts';

/**
 * Has a mail sent once the transaction is committed: `kind` is a row of jobs/compose.ts. Its secrets wait sealed. Throws
 * `keys_unusable` when there are secrets and no keys.
 */
export async function haveMailed(
  tx: Writer,
  { newId, now, keyring }: Pick<Deps, 'newId' | 'now' | 'keyring'>,
  kind: `mail.${string}`,
  payload: Readonly<Record<string, string>>,
  secrets?: MailSecrets,
): Promise<void> {
  const id = newId('mail');
  const full = secrets ? { ...payload, sealed: sealMailSecrets(keyring, id, secrets) } : payload;
  await insertEvent(tx, { id, kind, payload: JSON.stringify(full), runAt: timestamp(now()) });
}
