import { timeOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { formatMoney, type Currency, type Money } from '../../core/money.ts';
import { timestamp } from '../deps.ts';
import { endOfSpan, spanOf } from '../ledger/calendar.ts';
import { limitGuard } from '../ledger/guards.ts';
import type { Guard } from '../ledger/intent.ts';
import { guardsByNames } from '../ledger/read.ts';
import { betweenMinor } from '../rates-of-exchange/exchange.ts';
import { timesUp } from '../rates-of-exchange/fraction.ts';
import { rateBetween } from '../rates-of-exchange/rate-between.ts';
import type { Reader } from '../store/engine/engine.ts';
import { limitsOf, type Limit, type LimitDirection } from './limit.ts';

/** Money that moves for a holder: all that leaves when it leaves, fee included, and what arrives when it comes. */
export type Move = {
  /** `limits` as their level keeps them; see store/levels.ts. */
  readonly who: { readonly id: string; readonly limits: string | null };
  readonly direction: LimitDirection;
  readonly amount: Money;
};

/** A move as it counts against one limit of a day or month, in the limit's currency. */
export type Counted = Limit & {
  readonly user: string;
  readonly per: 'day' | 'month';
  readonly needed: bigint;
};

/** Says how much of a currency, in minor units, an amount of another one is; undefined where there is no rate. */
type CountIn = (amount: Money, currency: Currency) => bigint | undefined;

/**
 * Reads what it takes to count these moves, which is nothing where no limit is in another currency. What is given counts
 * one of them. It throws what must not happen whatever was moved before: `limit_exceeded` and `recipient_limited` for more
 * than a limit of one payment, `limit_uncountable` where a limit is in a currency that there is no rate for.
 */
export async function countMoves(
  db: Reader,
  at: string,
  moves: readonly Move[],
): Promise<(move: Move) => Counted[]> {
  const countIn = await ratesFor(db, at, moves);
  return (move) =>
    limitsOn(move).flatMap((limit): Counted[] => {
      const { per, most, currency } = limit;
      const needed = countIn(move.amount, currency);
      if (needed === undefined)
        throw new Refusal('limit_uncountable', { amount: formatMoney(move.amount), currency });
      if (per !== 'payment') return [{ ...limit, per, user: move.who.id, needed }];
      if (needed <= most) return [];
      const { code, facts } = refusalOf(limit, needed);
      throw new Refusal(code, facts);
    });
}

/**
 * The limits of a day and month as guards that change with the money: those in which what moves got its `id`. Whoever
 * moves the money is told what is used and when it begins anew; who pays somebody else is told nothing of theirs.
 */
export function limitGuards(counted: readonly Counted[], id: string): Guard[] {
  const at = timestamp(timeOfId(id));
  return counted.map((each) => ({
    name: guardNameOf(each, at),
    add: each.needed,
    most: each.most,
    ...(each.direction === 'in' ? {} : { counts: each.currency }),
    refusal: refusalOf(each, each.needed, at),
  }));
}

/**
 * The same, asked before: for those whose key would be burnt by a refusal of the poster, while it may be possible later.
 * Throws `limit_exceeded`, `recipient_limited`.
 */
export async function checkLimits(db: Reader, counted: readonly Counted[], at: string): Promise<void> {
  const names = counted.map((each) => guardNameOf(each, at));
  const used = new Map((await guardsByNames(db, names)).map(({ name, value }) => [name, value]));
  for (const each of counted) {
    const before = used.get(guardNameOf(each, at)) ?? 0n;
    if (before + each.needed <= each.most) continue;
    const { code, facts } = refusalOf(each, each.needed, at);
    const own =
      code === 'limit_exceeded' ? { used: formatMoney({ minor: before, currency: each.currency }) } : {};
    throw new Refusal(code, { ...facts, ...own });
  }
}

/** Whether it says that somebody may not receive so much. */
export function isAboutLimit({ code }: Pick<Refusal, 'code'>): boolean {
  return code === 'recipient_limited' || code === 'limit_uncountable';
}

function limitsOn({ who, direction }: Move): readonly Limit[] {
  return limitsOf(who.limits).filter((limit) => limit.direction === direction);
}

function guardNameOf({ user, direction, per, currency }: Counted, at: string): string {
  return limitGuard(user, direction, per, spanOf(at, per), currency);
}

function refusalOf({ direction, per, most, currency }: Limit, needed: bigint, at?: string): Guard['refusal'] {
  if (direction === 'in') return { code: 'recipient_limited', facts: {} };
  const facts = {
    direction,
    per,
    needed: formatMoney({ minor: needed, currency }),
    limit: formatMoney({ minor: most, currency }),
    ...(at === undefined || per === 'payment' ? {} : { resetsAt: endOfSpan(at, per) }),
  };
  return { code: 'limit_exceeded', facts };
}

/**
 * The newest rates between the currencies of these moves and those of the limits on them. However old they are: a day on
 * which no rates came must not stop payments that need none, and counts them well enough.
 */
async function ratesFor(db: Reader, at: string, moves: readonly Move[]): Promise<CountIn> {
  const wanted = new Map<string, [from: Currency, to: Currency]>();
  for (const move of moves)
    for (const { currency: to } of limitsOn(move)) {
      const from = move.amount.currency;
      if (from !== to) wanted.set(`${from} ${to}`, [from, to]);
    }
  const rates = new Map(
    await Promise.all(
      [...wanted].map(async ([pair, [from, to]]) => [pair, await rateBetween(db, from, to, at)] as const),
    ),
  );
  return ({ minor, currency: from }, to) => {
    if (from === to) return minor;
    const found = rates.get(`${from} ${to}`);
    return found && timesUp(minor, betweenMinor(found.rate, from, to));
  };
}
