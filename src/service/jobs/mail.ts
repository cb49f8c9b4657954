/** One mail to one person, as plain text. */
export type Mail = {
  /** The id of the event behind it: in the file's name and the Message-ID, so that a mail sent twice is seen as one. */
  readonly id: string;
  /** A word for what it is, which says nothing of who it is for. */
  readonly kind: string;
  /** An address, checked. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

/** Line ends, other control characters, and marks that cannot be seen or that turn the direction of writing. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text from other people on one line of a mail: what cannot be seen becomes a visible mark. */
export function onOneLine(text: string): string {
  return text.replace(UNSEEN, '\u{fffd}');
}

/** An instant for people: `2026-01-31 12:05 UTC`. */
export function readableTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
