import type { Output } from '../../core/contract/operations.ts';
import { formatMoney, isCurrency, parseAmount, toWire } from '../../core/money.ts';
import { endOfSpan, spanOf } from '../ledger/calendar.ts';
import { limitGuard } from '../ledger/guards.ts';
import type { RefusalDraft } from '../ledger/intent.ts';
import { guardsByNames } from '../ledger/read.ts';
import type { Reader } from '../store/engine/engine.ts';
import { levelsOfHolders } from '../store/levels.ts';
import { FIRST_LEVEL, limitsOf, type Limit } from './limit.ts';

/** The limits of a holder's level, with what is used and left of them in the day and month of an instant. */
export async function limitsOfHolder(db: Reader, user: string, at: string): Promise<Output<'get-limits'>> {
  const [row] = await levelsOfHolders(db, [user]);
  const limits = limitsOf(row?.limits ?? null);
  const names = limits.flatMap((limit) => guardOf(user, limit, at) ?? []);
  const used = new Map((await guardsByNames(db, names)).map(({ name, value }) => [name, value]));
  return {
    level: row?.level ?? FIRST_LEVEL,
    limits: limits.map((limit) => {
      const { direction, per, most, currency } = limit;
      const about = { direction, per, most: toWire(most, currency) };
      const guard = guardOf(user, limit, at);
      if (guard === undefined || per === 'payment') return about;
      const before = used.get(guard) ?? 0n;
      // More than all of it is used where the limit was lowered since.
      const left = before > most ? 0n : most - before;
      return {
        ...about,
        used: toWire(before, currency),
        left: toWire(left, currency),
        resetsAt: endOfSpan(at, per),
      };
    }),
  };
}

function guardOf(user: string, { direction, per, currency }: Limit, at: string): string | undefined {
  return per === 'payment' ? undefined : limitGuard(user, direction, per, spanOf(at, per), currency);
}

/** Whether a limit that refused something then would let it through now, in a sentence. */
export async function leftNow(
  db: Reader,
  user: string,
  { direction, per, needed = '' }: RefusalDraft['facts'],
  at: string,
): Promise<{ isOver: boolean; sentence: string }> {
  const { limits } = await limitsOfHolder(db, user, at);
  const now = limits.find((limit) => limit.direction === direction && limit.per === per);
  if (!now) return { isOver: true, sentence: 'There is no such limit any more: try it again.' };
  const { most, left = most, resetsAt } = now;
  const [amount = '', currency = ''] = needed.split(' ');
  const said = `Left now: ${left.amount} ${left.currency} of ${most.amount} ${most.currency}${resetsAt === undefined ? '' : `, until ${resetsAt}`}.`;
  if (!isCurrency(currency) || currency !== left.currency) return { isOver: false, sentence: said };
  const asked = parseAmount(amount, currency);
  return asked.minor <= parseAmount(left.amount, currency).minor
    ? { isOver: true, sentence: `${said} That is enough for ${formatMoney(asked)}: try it again.` }
    : { isOver: false, sentence: said };
}
