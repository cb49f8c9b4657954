/** What an id names, by its prefix. Ids are opaque: only the prefix and the time order may be relied on. */
export const ID_PREFIXES = {
  user: 'usr',
  registration: 'reg',
  session: 'ses',
  quote: 'quo',
  transfer: 'trf',
  hold: 'hld',
  payee: 'pay',
  statement: 'stm',
  event: 'evt',
  request: 'req',
  mail: 'mal',
  feeRule: 'fee',
  /** An Idempotency-Key that okpay makes by itself. */
  key: 'key',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Makes ids that sort by the time they were made, also within one millisecond. */
export type IdMaker = (kind: IdKind) => string;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_PATTERN = /^([a-z]{3})_[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * A maker of ids: prefix, 48 bits of Unix milliseconds, 80 random bits, in Crockford base 32 (the ULID layout).
 * `now` gives milliseconds; `random` fills 10 bytes from a cryptographic source.
 * When the clock stands still or goes back, the last time is kept and the random part counts up, so order holds.
 */
export function makeIdMaker(now: () => number, random: (bytes: number) => Uint8Array): IdMaker {
  let lastMs = 0;
  let tail = 0n;
  return (kind) => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      tail = BigInt(`0x${Buffer.from(random(10)).toString('hex')}`) >> 1n;
    } else {
      tail += 1n + BigInt(random(1)[0] ?? 0);
    }
    return `${ID_PREFIXES[kind]}_${encode(BigInt(lastMs), 10)}${encode(tail, 16)}`;
  };
}

/** What kind of thing an id names, or undefined when the text is no id of ours. */
export function kindOfId(text: string): IdKind | undefined {
  const prefix = ID_PATTERN.exec(text)?.[1];
  return (Object.keys(ID_PREFIXES) as IdKind[]).find((kind) => ID_PREFIXES[kind] === prefix);
}

/** What every id made at this instant or later, in Unix milliseconds, sorts after. */
export function firstIdAt(kind: IdKind, ms: number): string {
  return `${ID_PREFIXES[kind]}_${encode(BigInt(Math.max(0, Math.floor(ms))), 10)}`;
}

/** When an id of ours was made, in Unix milliseconds. */
export function timeOfId(id: string): number {
  let ms = 0;
  for (const digit of id.slice(4, 14)) ms = ms * 32 + ALPHABET.indexOf(digit);
  return ms;
}

function encode(value: bigint, length: number): string {
  let text = '';
  for (let at = 0, rest = value; at < length; at++, rest >>= 5n)
    text = ALPHABET.charAt(Number(rest & 31n)) + text;
  return text;
}
