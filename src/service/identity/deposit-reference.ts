/**
 * Letters that are neither vowels (no words come out) nor easily taken for others. Letters only: a digit beside a
 * letter is where the check of ISO 11649 is blind (`B1` and `1B` are the same number), and letters alone it sees
 * through: every changed letter and every swap of neighbours.
 */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const BODY_LENGTH = 12;
const REFERENCE = new RegExp(`(?=(RF[0-9]{2}[${LETTERS}]{${BODY_LENGTH}}))`, 'g');
/** Random bytes at or above this would make the first letters likelier than the rest. */
const FAIR_BYTES = 256 - (256 % LETTERS.length);

/**
 * A reference that a bank transfer names to say whose money it is: an ISO 11649 creditor reference, `RF`, two check
 * digits and 12 letters (52 random bits), such as `RF47BCDFGHJKLMNP`. `random` fills bytes from a cryptographic source.
 */
export function makeDepositReference(random: (bytes: number) => Uint8Array): string {
  let body = '';
  while (body.length < BODY_LENGTH) {
    for (const byte of random(BODY_LENGTH)) {
      if (byte < FAIR_BYTES && body.length < BODY_LENGTH) body += LETTERS.charAt(byte % LETTERS.length);
    }
  }
  const check = 98 - remainder(`${body}RF00`);
  return `RF${String(check).padStart(2, '0')}${body}`;
}

/**
 * Every reference of ours in what a payer wrote, each once, in the order of writing. Banks insert blanks and line ends
 * and change the case; people group by four or with hyphens. Only references whose check digits are right are given.
 */
export function findDepositReferences(text: string): string[] {
  const plain = text.replace(/[\s.-]+/g, '').toUpperCase();
  const candidates = [...plain.matchAll(REFERENCE)].map((match) => match[1] ?? '');
  return [...new Set(candidates.filter((candidate) => isChecked(candidate)))];
}

/** A reference in groups of four, as ISO 11649 prints it: `RF47 BCDF GHJK LMNP`. */
export function groupDepositReference(reference: string): string {
  return reference.replace(/(.{4})(?=.)/g, '$1 ');
}

function isChecked(reference: string): boolean {
  const check = Number(reference.slice(2, 4));
  // 00, 01 and 99 would pass the remainder as 97, 98 and 02 do.
  return check >= 2 && check <= 98 && remainder(reference.slice(4) + reference.slice(0, 4)) === 1;
}

/** ISO 7064 MOD 97-10 over digits and letters, where A is 10 and Z is 35. */
function remainder(text: string): number {
  let value = 0;
  for (const character of text) {
    const digit = Number.parseInt(character, 36);
    value = (value * (digit < 10 ? 10 : 100) + digit) % 97;
  }
  return value;
}
