import type { Currency } from '../../core/money.ts';
import type { Reader, Writer } from './engine/engine.ts';

/** What one unit of the base is worth in a currency, as somebody found it out. Never changed once written. */
export type RateRow = {
  id: string;
  base: Currency;
  currency: Currency;
  /** A plain decimal. */
  rate: string;
  /** For when it was found out, and until when prices may be made of it. RFC 3339. */
  at: string;
  goodUntil: string;
  source: string;
  /** 1 when one person alone answers for it. */
  alone: bigint;
};

export type NewRate = RateRow & { readonly addedAt: string; readonly addedBy: string };

const COLUMNS = 'id, base, currency, rate, at, good_until AS "goodUntil", source, alone';

/** The rate in force for a currency at an instant: of the newest time, the one added last. */
export function rateAt(db: Reader, currency: Currency, at: string): Promise<RateRow | undefined> {
  return db.one<RateRow>(
    `SELECT ${COLUMNS} FROM rates WHERE currency = ? AND at <= ? ORDER BY at DESC, id DESC LIMIT 1`,
    [currency, at],
  );
}

/** The newest rate for a currency before an instant that was ever good and that more than one person answers for. */
export function anchorBefore(db: Reader, currency: Currency, at: string): Promise<RateRow | undefined> {
  return db.one<RateRow>(
    `SELECT ${COLUMNS} FROM rates WHERE currency = ? AND at < ? AND alone = 0 ORDER BY at DESC, id DESC LIMIT 1`,
    [currency, at],
  );
}

/** The rates in force at an instant, one for a currency, with who added them. */
export function ratesAt(db: Reader, at: string): Promise<NewRate[]> {
  return db.all<NewRate>(
    `SELECT ${COLUMNS}, added_at AS "addedAt", added_by AS "addedBy" FROM rates r WHERE id =
      (SELECT id FROM rates n WHERE n.currency = r.currency AND n.at <= ? ORDER BY n.at DESC, n.id DESC LIMIT 1)
      ORDER BY currency`,
    [at],
  );
}

/** Whether it is only written down, and no price was ever made of it. */
export function isDoubted({ at, goodUntil }: Pick<RateRow, 'at' | 'goodUntil'>): boolean {
  return at === goodUntil;
}

/** Whether there is any rate. */
export async function hasRates(db: Reader): Promise<boolean> {
  return (await db.one('SELECT 1 AS one FROM rates LIMIT 1')) !== undefined;
}

/** What is known of a source from one time to another, both inclusive: the newest version of each currency and time. */
export function ratesOfSource(
  db: Reader,
  source: string,
  from: string,
  to: string,
): Promise<Pick<RateRow, 'currency' | 'at' | 'rate' | 'goodUntil'>[]> {
  return db.all(
    `SELECT currency, at, rate, good_until AS "goodUntil" FROM rates
      WHERE source = ? AND at >= ? AND at <= ? ORDER BY id`,
    [source, from, to],
  );
}

/** Rows written with one statement. */
const AT_ONCE = 100;

export async function insertRates(tx: Writer, rates: readonly NewRate[]): Promise<void> {
  for (let at = 0; at < rates.length; at += AT_ONCE) {
    const some = rates.slice(at, at + AT_ONCE);
    await tx.run(
      `INSERT INTO rates (id, base, currency, rate, at, good_until, source, alone, added_at, added_by)
        VALUES ${some.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
      some.flatMap((rate) => [
        rate.id,
        rate.base,
        rate.currency,
        rate.rate,
        rate.at,
        rate.goodUntil,
        rate.source,
        rate.alone,
        rate.addedAt,
        rate.addedBy,
      ]),
    );
  }
}
