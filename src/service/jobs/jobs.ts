import type { Deps } from '../deps.ts';

export type MailSettings = {
  /** Where mails are written as .eml files when no mail server is set. */
  readonly outboxDirectory: string;
  /** `smtp://user:password@host:port` or `smtps://…`. */
  readonly smtpUrl?: string;
};

export type Jobs = { readonly wake: () => void; readonly stop: () => Promise<void> };

/** Starts what happens after commits. Placeholder shape until the mail jobs are written. */
export function startJobs(_deps: Deps, _settings: MailSettings): Jobs {
  return { wake: () => undefined, stop: async () => undefined };
}
