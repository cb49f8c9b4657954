import type { Context } from './context.ts';

/** Where to look for a mail of the in-process service, which without a mail server writes files; else undefined. */
export function mailPlace({ url, environment, places }: Context): string | undefined {
  return url === undefined && !environment['OKPAY_SMTP_URL'] ? places.outbox : undefined;
}
