import { createHash } from 'node:crypto';
import type { Harness } from '../harness.ts';

const TABLES = {
  sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  postgres:
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
};

/**
 * Every row of every table but these, as one digest for each table: to see that something changed nothing. Waits until
 * mails and events are done.
 */
export async function allRows(
  harness: Harness,
  but: readonly string[] = [],
): Promise<Record<string, string>> {
  const { engine } = harness.service.deps;
  const waiting = async () => (await engine.one<{ n: bigint }>('SELECT COUNT(*) AS n FROM outbox'))?.n;
  for (let tries = 0; (await waiting()) !== 0n && tries < 500; tries++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const tables = await engine.all<{ name: string }>(TABLES[engine.name]);
  const digests: Record<string, string> = {};
  for (const { name } of tables.filter((table) => ![...but, 'leases'].includes(table.name))) {
    const rows = await engine.all(`SELECT * FROM ${name}`);
    const text = rows.map((row) => Object.values(row).map(String).join('|')).sort();
    digests[name] = `${rows.length} rows ${createHash('sha256').update(text.join('\n')).digest('hex')}`;
  }
  return digests;
}
