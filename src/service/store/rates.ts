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

const COLUMNS = 'id, base, currency, rate, at, good_until AS "goodUntil", source, alone';

/** The rate in force for a currency at an instant: of the newest time, the one added last. */
export function rateAt(db: Reader, currency: Currency, at: string): Promise<RateRow | undefined> {
  return db.one<RateRow>(
    `SELECT ${COLUMNS} FROM rates WHERE currency = ? AND at <= ? ORDER BY at DESC, id DESC LIMIT 1`,
    [currency, at],
  );
}

export async function insertRate(
  tx: Writer,
  rate: RateRow & { addedAt: string; addedBy: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO rates (id, base, currency, rate, at, good_until, source, alone, added_at, added_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
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
    ],
  );
}
