import type { Reader, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** The values of those of these settings that somebody has set. */
export async function settingsByNames(
  db: Reader,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await allOf<{ name: string; value: string }>(
    db,
    names,
    (places) => `SELECT name, value FROM settings WHERE name IN (${places})`,
  );
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** All settings whose names begin so, by name. */
export function settingsUnder(db: Reader, prefix: string): Promise<{ name: string; value: string }[]> {
  return db.all('SELECT name, value FROM settings WHERE name >= ? AND name < ? ORDER BY name', [
    prefix,
    `${prefix}~`,
  ]);
}

export async function putSetting(
  tx: Writer,
  row: { name: string; value: string; setAt: string; setBy: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO settings (name, value, set_at, set_by) VALUES (?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by`,
    [row.name, row.value, row.setAt, row.setBy],
  );
}
