import type { Output } from '../../core/contract/operations.ts';
import { isCurrency } from '../../core/money.ts';
import { record } from '../audit-log/record.ts';
import { timestamp, type AccountActor, type Deps } from '../deps.ts';
import type { ReferenceRate } from '../rails/reference-rates.ts';
import { StatementError } from '../rails/statement-error.ts';
import type { Writer } from '../store/engine/engine.ts';
import { anchorBefore, hasRates, insertRates, ratesOfSource, type NewRate } from '../store/rates.ts';
import { BASE } from './rate-between.ts';
import { BY_FILE_BASIS_POINTS, isNear } from './trust.ts';

/** Whose reference rates they are. */
const SOURCE = 'ECB';
/**
 * When on their day they were found out: at 14:15 in Frankfurt, which is 13:15 UTC in winter
 * (https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/). In summer it is an hour
 * earlier, and they are published after both.
 */
const TIME_OF_DAY = 'T13:15:00.000Z';
const HOUR_MS = 3_600_000;
/**
 * How long prices may be made of them unless it is said, in hours: from Maundy Thursday the next come on Tuesday after
 * Easter, five days and an hour or two later.
 */
export const GOOD_FOR_HOURS = 144;

/**
 * Takes the rates of a file, in one transaction. What is there already is not written again. A currency that is suddenly worth
 * much more or less, or that comes new into a book which has rates, is not believed on the word of one person: its rate is
 * written down as one that no price is made of, until two set it by hand. Throws StatementError for a day to come.
 */
export async function takeRates(
  deps: Deps,
  actor: AccountActor,
  rates: readonly ReferenceRate[],
  goodForHours: number = GOOD_FOR_HOURS,
): Promise<Output<'import-rates'>> {
  const now = timestamp(deps.now());
  const ahead = rates.find(({ day }) => day + TIME_OF_DAY > now);
  if (ahead) throw new StatementError(`The rates of ${ahead.day} cannot be known yet.`, ahead.line);
  const days = rates.map(({ day }) => day).toSorted();
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const active = rates.flatMap(({ day, currency, rate }): NewRate[] => {
    if (!isCurrency(currency) || currency === BASE) return [];
    const at = day + TIME_OF_DAY;
    const goodUntil = timestamp(Date.parse(at) + goodForHours * HOUR_MS);
    const by = { addedAt: now, addedBy: actor.user };
    return [
      { id: deps.newId('rate'), base: BASE, currency, rate, at, goodUntil, source: SOURCE, alone: 0n, ...by },
    ];
  });
  return deps.engine.transact(async (tx) => {
    const doubted = await doubtedOf(tx, active);
    const known = new Map(
      (await ratesOfSource(tx, SOURCE, first + TIME_OF_DAY, last + TIME_OF_DAY)).map((row) => [
        `${row.currency} ${row.at}`,
        `${row.rate} ${row.goodUntil}`,
      ]),
    );
    const judged = active.map((rate) =>
      doubted.has(rate) ? { ...rate, goodUntil: rate.at, alone: 1n } : rate,
    );
    const added = judged.filter(
      ({ currency, at, rate, goodUntil }) => known.get(`${currency} ${at}`) !== `${rate} ${goodUntil}`,
    );
    await insertRates(tx, added);
    const report = {
      source: SOURCE,
      firstDay: first,
      lastDay: last,
      added: added.length,
      alreadyThere: judged.length - added.length,
      notActive: rates.length - active.length,
      doubted: [...doubted].map(([{ currency, rate }, before]) => ({
        currency,
        rate,
        ...(before === undefined ? {} : { before }),
      })),
    };
    const facts = {
      source: SOURCE,
      firstDay: first,
      lastDay: last,
      added: String(added.length),
      ...(doubted.size === 0 ? {} : { doubted: report.doubted.map(({ currency }) => currency).join(' ') }),
    };
    await record(tx, deps, actor, { action: 'rates-imported', facts });
    return report;
  });
}

/** The newest rates of the file that one person is not enough for, each with the one it is measured against, if any. */
async function doubtedOf(tx: Writer, rates: readonly NewRate[]): Promise<Map<NewRate, string | undefined>> {
  const doubted = new Map<NewRate, string | undefined>();
  // The first rates of all there is nothing to measure against.
  if (!(await hasRates(tx))) return doubted;
  const newest = new Map<string, NewRate>();
  for (const rate of rates) {
    const known = newest.get(rate.currency);
    if (!known || rate.at > known.at) newest.set(rate.currency, rate);
  }
  for (const rate of newest.values()) {
    const anchor = await anchorBefore(tx, rate.currency, rate.at);
    if (!anchor || !isNear(anchor.rate, rate.rate, BY_FILE_BASIS_POINTS)) doubted.set(rate, anchor?.rate);
  }
  return doubted;
}
