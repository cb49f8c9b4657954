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
  /** The holder it is for, when there is one. */
  readonly user?: string | undefined;
  /** What is kept of the code in it that shows it to be ours. */
  readonly proofHash: string;
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

/** How wide the lines of a mail are at most; RFC 5322 asks for 78. */
const WIDTH = 72;

/** A text of several lines for a mail, indented: what cannot be seen is marked, long lines are broken between words. */
export function indented(text: string): string[] {
  return text
    .split(/\r\n|[\n\r]/)
    .map(onOneLine)
    .flatMap((line) => broken(line, WIDTH))
    .map((line) => `  ${line}`.trimEnd());
}

function broken(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    // A word that is longer than a line is cut: no server has to take a line without end.
    const at = blank > 0 ? blank : width;
    lines.push(rest.slice(0, at).toWellFormed());
    rest = rest.slice(blank > 0 ? at + 1 : at).toWellFormed();
  }
  return [...lines, rest];
}
