import { isCurrency, type Currency } from '../../core/money.ts';

/** What is limited: what others and banks pay in, what is sent, what is changed into another currency, what goes to a bank. */
export type LimitDirection = 'in' | 'out' | 'convert' | 'withdraw';

/** How much holders of a level may move, in minor units: at once, or in a day or a month by the calendar of UTC. */
export type Limit = {
  readonly direction: LimitDirection;
  readonly per: 'payment' | 'day' | 'month';
  readonly most: bigint;
  /** What is counted in: what moves in another currency counts by the rate of the moment. */
  readonly currency: Currency;
};

/** The level of whoever is at no other. It is there also when no limits were set for it. */
export const FIRST_LEVEL = 'basic';

const DIRECTIONS: readonly LimitDirection[] = ['in', 'out', 'convert', 'withdraw'];
const PERIODS: readonly Limit['per'][] = ['payment', 'day', 'month'];

/** How the limits of a level are kept: in one order, so that they are also shown in it. */
export function keepLimits(limits: readonly Limit[]): string {
  const place = ({ direction, per }: Limit) => DIRECTIONS.indexOf(direction) * 3 + PERIODS.indexOf(per);
  const sorted = [...limits].sort((one, other) => place(one) - place(other));
  return JSON.stringify(
    sorted.map(({ direction, per, most, currency }) => [direction, per, String(most), currency]),
  );
}

/** The limits of a level as they were kept; none where none were. Throws what is not written right: nothing is let through by mistake. */
export function limitsOf(kept: string | null): readonly Limit[] {
  if (kept === null) return [];
  const rows = JSON.parse(kept) as [LimitDirection, Limit['per'], string, string][];
  return rows.map(([direction, per, most, currency]) => {
    if (!isCurrency(currency)) throw new Error(`a limit is in no currency: ${kept}`);
    return { direction, per, most: BigInt(most), currency };
  });
}
