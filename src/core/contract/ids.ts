/** What an id names, by its prefix. Ids are opaque: only the prefix and the time order may be relied on. */
export const ID_PREFIXES = {
  user: 'usr',
  registration: 'reg',
  session: 'ses',
  quote: 'quo',
  transfer: 'trf',
  hold: 'hld',
  payee: 'pay',
  /** A bank account of a holder's. */
  bankAccount: 'bnk',
  withdrawal: 'wdr',
  /** Withdrawals that go to a bank in one file. */
  batch: 'bat',
  statement: 'stm',
  event: 'evt',
  request: 'req',
  mail: 'mal',
  feeRule: 'fee',
  /** What a currency is worth, and what is kept of that when it is changed into another. */
  rate: 'fxr',
  spread: 'spr',
  /** Something that was done to an account or by staff, in the audit log. */
  record: 'rec',
  /** A machine somebody has logged in from before. */
  device: 'dev',
  /** A token for programs. */
  token: 'tok',
  /** A code that was mailed: to set a new password, to unlock, to change the address. */
  mailedCode: 'mco',
  restriction: 'rst',
  /** Something staff asked for that a second person decides. */
  approval: 'apr',
  case: 'cas',
  message: 'msg',
  note: 'not',
  /** An Idempotency-Key that okpay makes by itself. */
  key: 'key',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Makes ids that sort by the time they were made, also within one millisecond. */
export type IdMaker = (kind: IdKind) => string;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_PATTERN = /^([a-z]{3})_[0-9a-hjkmnp-tv-z]{26}$/;

/** The random part of an id is kept as two halves of 40 bits, which numbers hold exactly. */
const HALF = 2 ** 40;
/** How much randomness is fetched at once: each fetch costs more than all the rest of an id. */
const POOL_BYTES = 512;

/**
 * A maker of ids: prefix, 48 bits of Unix milliseconds, 80 random bits, in Crockford base 32 (the ULID layout).
 * `now` gives milliseconds; `random` fills bytes from a cryptographic source.
 * When the clock stands still or goes back, the last time is kept and the random part counts up, so order holds.
 */
export function makeIdMaker(now: () => number, random: (bytes: number) => Uint8Array): IdMaker {
  let lastMs = 0;
  let time = '';
  let [high, low] = [0, 0];
  let pool: Uint8Array = new Uint8Array();
  let used = 0;
  const byte = (): number => {
    if (used === pool.length) [pool, used] = [random(POOL_BYTES), 0];
    return pool[used++] ?? 0;
  };
  const fiveBytes = (): number => {
    let value = 0;
    for (let at = 0; at < 5; at++) value = value * 256 + byte();
    return value;
  };
  return (kind) => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      time = encode(ms, 10);
      // Half of what it can be, so that counting up never reaches the end.
      [high, low] = [Math.floor(fiveBytes() / 2), fiveBytes()];
    } else {
      low += 1 + byte();
      if (low >= HALF) [high, low] = [high + 1, low - HALF];
    }
    return `${ID_PREFIXES[kind]}_${time}${encode(high, 8)}${encode(low, 8)}`;
  };
}

/** What kind of thing an id names, or undefined when the text is no id of ours. */
export function kindOfId(text: string): IdKind | undefined {
  const prefix = ID_PATTERN.exec(text)?.[1];
  return (Object.keys(ID_PREFIXES) as IdKind[]).find((kind) => ID_PREFIXES[kind] === prefix);
}

/** What every id made at this instant or later, in Unix milliseconds, sorts after. */
export function firstIdAt(kind: IdKind, ms: number): string {
  return `${ID_PREFIXES[kind]}_${encode(Math.max(0, Math.floor(ms)), 10)}`;
}

/** When an id of ours was made, in Unix milliseconds. */
export function timeOfId(id: string): number {
  let ms = 0;
  for (const digit of id.slice(4, 14)) ms = ms * 32 + ALPHABET.indexOf(digit);
  return ms;
}

/** A whole number below 2^53 in so many digits. */
function encode(value: number, length: number): string {
  let text = '';
  for (let at = 0, rest = value; at < length; at++, rest = Math.floor(rest / 32))
    text = ALPHABET.charAt(rest % 32) + text;
  return text;
}
