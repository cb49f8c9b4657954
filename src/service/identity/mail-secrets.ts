import type { Keyring } from './keyring.ts';

/** What a mail tells that opens something: codes, tokens of links. */
export type MailSecrets = Readonly<Record<string, string>>;

/**
 * What a mail must not show in the database while it waits, sealed for the event of that mail alone: whoever reads the
 * database, or a backup, opens nothing with it (ASVS V6.5.2, V14.2). Throws `keys_unusable`.
 */
export function sealMailSecrets(keyring: Keyring, event: string, secrets: MailSecrets): string {
  return keyring.seal(purposeOf(event), Buffer.from(JSON.stringify(secrets)));
}

/** Opens what sealMailSecrets gave for the same event. Throws `keys_unusable`. */
export function openMailSecrets(keyring: Keyring, event: string, sealed: string): MailSecrets {
  return JSON.parse(Buffer.from(keyring.open(purposeOf(event), sealed)).toString()) as MailSecrets;
}

function purposeOf(event: string): string {
  return `secrets of the mail ${event}`;
}
