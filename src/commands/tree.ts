import type { Declared } from './declare.ts';

/** One command, or a word that commands share (then without `load`). */
export type Entry = {
  /** What is typed: `session list`. */
  readonly words: string;
  readonly summary: string;
  /** Heading in `okpay --help`; for words at the top. */
  readonly section?: Section;
  /** Brings the command's file. Only the command that runs is ever loaded. */
  readonly load?: () => Promise<Declared>;
};

export type Section = 'Your account' | 'Money' | 'Payouts' | 'Staff' | 'Server' | 'Help';

/** Every command, in the order of `okpay --help`. */
export const TREE: readonly Entry[] = [
  {
    words: 'register',
    summary: 'Open an account',
    section: 'Your account',
    load: async () => (await import('./register.ts')).registerCommand(),
  },
  {
    words: 'balance',
    summary: 'Show what you have, per currency',
    section: 'Money',
    load: async () => (await import('./balance.ts')).balanceCommand(),
  },
];
