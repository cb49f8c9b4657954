import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachEngine, openHarness, type Harness } from '../../harness.ts';

type Line = {
  readonly table: string;
  readonly fields: readonly string[];
  readonly class: string;
  readonly kept: string;
};

/** The list for operators, as its tables have it. */
function readList(text: string): { classes: string[]; lines: Line[] } {
  const cellsOf = (part: string) =>
    part
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
  const [, classes = '', database = ''] = text.split(/^## /m);
  return {
    classes: cellsOf(classes).map(([name = '']) => name.replaceAll('*', '')),
    lines: cellsOf(database).map(([table = '', fields = '', name = '', kept = '']) => ({
      table: table.replaceAll('`', ''),
      fields: [...fields.matchAll(/`(\w+)`/g)].map(([, field = '']) => field),
      class: name,
      kept,
    })),
  };
}

const list = readList(readFileSync(join(import.meta.dirname, '../../../docs/data.md'), 'utf8'));

eachEngine(({ name, ...engine }) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness({ engine: { name, ...engine } });
  });
  afterEach(() => harness.close());

  const columns = async () => {
    const sql =
      name === 'sqlite'
        ? `SELECT m.name || '.' || c.name AS field FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
        : `SELECT table_name || '.' || column_name AS field FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name <> 'okpay_schema'`;
    return (await harness.service.deps.engine.all<{ field: string }>(sql))
      .map(({ field }) => field)
      .toSorted();
  };
  const listed = () =>
    list.lines.flatMap(({ table, fields }) => fields.map((field) => `${table}.${field}`)).toSorted();

  it('every field of the database is listed once, with its class and for how long it is kept (ASVS V14.1.1)', async () => {
    expect(listed()).toEqual(await columns());
    expect(list.classes.length).toBeGreaterThan(4);
    for (const line of list.lines) {
      expect(list.classes).toContain(line.class);
      expect(line.kept).toMatch(/\w/);
    }
    // Secrets are named for what they are.
    const secrets = list.lines.filter((line) => ['hashed', 'sealed'].includes(line.class));
    const hashes = (await columns()).filter((field) => /_hash$|\.secret$/.test(field));
    expect(secrets.flatMap(({ table, fields }) => fields.map((field) => `${table}.${field}`))).toEqual(
      expect.arrayContaining(hashes),
    );
    // The control: a field that came without a line is seen.
    await harness.service.deps.engine.transact((tx) => tx.run('ALTER TABLE users ADD COLUMN shoe_size TEXT'));
    expect((await columns()).filter((field) => !listed().includes(field))).toEqual(['users.shoe_size']);
  });
});
