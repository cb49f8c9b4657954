import type { Reader, Writer } from './engine/engine.ts';

/** One version of a spread: of a pair in the order of the alphabet, or of all pairs, which is a pair of empty texts. */
export type SpreadRow = {
  id: string;
  one: string;
  other: string;
  basisPoints: bigint;
  effectiveFrom: string;
};

const COLUMNS = 'id, one, other, basis_points AS "basisPoints", effective_from AS "effectiveFrom"';

/** The version in force for a pair at an instant, or else the one for all pairs. */
export function spreadAt(
  db: Reader,
  pair: readonly [string, string],
  at: string,
): Promise<SpreadRow | undefined> {
  return db.one<SpreadRow>(
    `SELECT ${COLUMNS} FROM spreads WHERE ((one = ? AND other = ?) OR (one = '' AND other = '')) AND effective_from <= ?
      ORDER BY one DESC, effective_from DESC, id DESC LIMIT 1`,
    [...pair, at],
  );
}

export async function insertSpread(
  tx: Writer,
  spread: SpreadRow & { createdAt: string; createdBy: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO spreads (id, one, other, basis_points, effective_from, created_at, created_by)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      spread.id,
      spread.one,
      spread.other,
      spread.basisPoints,
      spread.effectiveFrom,
      spread.createdAt,
      spread.createdBy,
    ],
  );
}

/** The version in force at an instant for each pair, and all that come into force later. */
export function spreadsFrom(db: Reader, at: string): Promise<SpreadRow[]> {
  return db.all<SpreadRow>(
    `SELECT ${COLUMNS} FROM spreads s WHERE effective_from > ? OR id =
      (SELECT id FROM spreads v WHERE v.one = s.one AND v.other = s.other AND v.effective_from <= ?
        ORDER BY v.effective_from DESC, v.id DESC LIMIT 1)
      ORDER BY one, other, effective_from, id`,
    [at, at],
  );
}
