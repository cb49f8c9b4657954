import type { Reader, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** A level of accounts; `limits` is JSON, see limits/limit.ts. */
export type LevelRow = { name: string; limits: string; changedAt: string; changedBy: string };

const COLUMNS = 'name, limits, changed_at AS "changedAt", changed_by AS "changedBy"';

/** Every level that limits were set for, by name. */
export function allLevels(db: Reader): Promise<LevelRow[]> {
  return db.all<LevelRow>(`SELECT ${COLUMNS} FROM levels ORDER BY name`);
}

export function levelByName(db: Reader, name: string): Promise<LevelRow | undefined> {
  return db.one<LevelRow>(`SELECT ${COLUMNS} FROM levels WHERE name = ?`, [name]);
}

/** The level of a holder, and its limits when any were set for it. */
export type HolderLevel = { id: string; level: string; limits: string | null };

/** The levels of these holders, in no order. */
export function levelsOfHolders(db: Reader, ids: readonly string[]): Promise<HolderLevel[]> {
  return allOf(
    db,
    ids,
    (places) => `SELECT u.id, u.level, l.limits FROM users u LEFT JOIN levels l ON l.name = u.level
      WHERE u.id IN (${places})`,
  );
}

/** The holders of deposit references and their levels, by reference; those nobody has are left out. */
export async function holdersByDepositReferences(
  db: Reader,
  references: readonly string[],
): Promise<Map<string, HolderLevel>> {
  const rows = await allOf<HolderLevel & { reference: string }>(
    db,
    references,
    (places) => `SELECT u.deposit_reference AS "reference", u.id, u.level, l.limits
      FROM users u LEFT JOIN levels l ON l.name = u.level WHERE u.deposit_reference IN (${places})`,
  );
  return new Map(rows.map((row) => [row.reference, row]));
}

/** Keeps the limits of a level, in the place of those it had. */
export async function keepLevel(tx: Writer, level: LevelRow): Promise<void> {
  await tx.run(
    `INSERT INTO levels (name, limits, changed_at, changed_by) VALUES (?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET limits = excluded.limits, changed_at = excluded.changed_at,
        changed_by = excluded.changed_by`,
    [level.name, level.limits, level.changedAt, level.changedBy],
  );
}

export async function setLevel(tx: Writer, user: string, level: string): Promise<void> {
  await tx.run('UPDATE users SET level = ? WHERE id = ?', [level, user]);
}
