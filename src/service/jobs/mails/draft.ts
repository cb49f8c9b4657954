import type { Deps } from '../../deps.ts';
import type { AddresseeRow } from '../../store/users.ts';

/** What an event carries. */
export type Payload = Readonly<Record<string, string | undefined>>;
/** What a mail says, before it is made one. */
export type Draft = {
  readonly to: string;
  readonly subject: string;
  readonly lines: readonly string[];
  /** The code that shows it to be ours, when whoever asked for the mail has given it out already. */
  readonly proof?: string | undefined;
};
/** What a mail is made from: `userOf` is undefined for who does not exist. */
export type Known = Pick<Deps, 'now' | 'publicUrl'> & {
  readonly userOf: (id: string) => AddresseeRow | undefined;
};
/** Makes the mail an event asks for, or undefined when there is nothing to send any more. */
export type Composer = (known: Known, payload: Payload) => Draft | undefined;
