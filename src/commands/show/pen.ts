import type { WireMoney } from '../../core/money.ts';
import { safeText } from './safe-text.ts';
import { showShortTime, showTime } from './time.ts';

type Paint = (text: string) => string;

/** Writes values for people. Colour never carries meaning alone: it is off in pipes and with NO_COLOR. */
export type Pen = {
  /** `12.50 EUR`. */
  readonly money: (money: WireMoney) => string;
  /** A time as the local clock has it and how far away it is: `2026-11-23 14:05 +01:00 (in 4 minutes)`. */
  readonly time: (time: string) => string;
  /** The same without offset and distance, for tables: `2026-11-23 14:05`. */
  readonly shortTime: (time: string) => string;
  /** Text that other people wrote, made harmless. Everything that is not ours goes through here. */
  readonly text: (text: string, maximumLength?: number) => string;
  readonly strong: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
};

/** A pen with or without colour; `now` gives milliseconds. chalk is loaded only for colour. */
export async function makePen(colour: boolean, now: () => number): Promise<Pen> {
  return {
    money: ({ amount, currency }) => `${safeText(amount)} ${safeText(currency)}`,
    time: (time) => showTime(time, now()),
    shortTime: showShortTime,
    text: safeText,
    ...(colour ? await colours() : PLAIN),
  };
}

const same: Paint = (text) => text;
const PLAIN = { strong: same, dim: same, good: same, warn: same, bad: same };

async function colours(): Promise<typeof PLAIN> {
  const { Chalk } = await import('chalk');
  const { bold, dim, green, yellow, red } = new Chalk({ level: 1 });
  return { strong: bold, dim, good: green, warn: yellow, bad: red };
}
