import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import type { Engine, Question, Row } from '../../../src/service/store/engine/engine.ts';
import { makeGather } from '../../../src/service/store/engine/gather.ts';
import { makeTurns } from '../../../src/service/store/engine/turn.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import { eachEngine } from '../../harness.ts';

const GUARDS: Question = {
  sql: (are) => `SELECT name, value FROM guards WHERE ${are('name')}`,
  key: 'name',
};
const names = (rows: readonly Row[] | undefined) => rows?.map(({ name }) => name);

eachEngine(({ makeUrl, discard }) => {
  let url: string;
  let folder: string;
  let engine: Engine;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'okpay-gather-'));
    url = await makeUrl(folder);
    engine = await openEngine(url);
    await engine.transact(async (tx) => {
      for (const name of ['a', 'b', 'c"\\'])
        await tx.run('INSERT INTO guards (name, value, changed_by) VALUES (?, 1, ?)', [name, name]);
    });
  });
  afterEach(async () => {
    await engine.close();
    await discard(url);
    rmSync(folder, { recursive: true });
  });
  const ask = (keys: readonly string[]) => engine.gather?.(GUARDS, keys);

  test('gives everybody the rows of their own keys, each once, and none for a key that nobody has', async () => {
    const answers = await Promise.all([ask(['a']), ask(['b', 'a', 'b']), ask(['z']), ask(['c"\\'])]);
    expect(answers.map(names)).toEqual([['a'], ['b', 'a'], [], ['c"\\']]);
    expect(names(await ask(['c"\\']))).toEqual(['c"\\']);
  });

  test('gives nobody what was read before they asked', async () => {
    const answered = Promise.withResolvers<void>();
    let asked = 0;
    const gather = makeGather(async (question, keys) => {
      const rows = (await engine.gather?.(question, keys)) ?? [];
      if (++asked === 1) await answered.promise;
      return rows;
    }, makeTurns());
    const before = gather(GUARDS, ['a']);
    while (asked === 0) await sleep(1);
    await engine.transact((tx) => tx.run("DELETE FROM guards WHERE name = 'a'"));
    const after = gather(GUARDS, ['a']);
    answered.resolve();
    expect([names(await before), names(await after)]).toEqual([['a'], []]);
  });

  test('shows no row that is written and not committed', async () => {
    const looked = await engine.transact(async (tx) => {
      await tx.run("INSERT INTO guards (name, value, changed_by) VALUES ('new', 1, 'x')");
      return Promise.all([ask(['new']), ask(['a', 'new'])]);
    });
    expect(looked.map(names)).toEqual([[], ['a']]);
    expect(names(await ask(['new']))).toEqual(['new']);
  });
});

test('asks once for all who ask in one turn, or while an earlier question is on its way', async () => {
  const asked: string[] = [];
  const gather = makeGather(async (_, keys) => {
    asked.push(keys.join());
    await sleep(5);
    return keys.filter((key) => key !== 'z').map((name) => ({ name }));
  }, makeTurns());
  const first = [gather(GUARDS, ['a']), gather(GUARDS, ['b'])];
  while (asked.length === 0) await sleep(1);
  const later = [gather(GUARDS, ['a']), gather(GUARDS, ['z', 'b'])];
  expect((await Promise.all([...first, ...later])).map(names)).toEqual([['a'], ['b'], ['a'], ['b']]);
  expect(asked).toEqual(['a,b', 'a,z,b']);
});

test('splits what is too much for one statement, and says to those alone that theirs failed', async () => {
  const sizes: number[] = [];
  const gather = makeGather(async (_, keys) => {
    sizes.push(keys.length);
    if (keys.includes('bad0')) throw new Error('no');
    return [];
  }, makeTurns());
  const many = (count: number, word: string) => Array.from({ length: count }, (_, at) => `${word}${at}`);
  const answers = await Promise.allSettled([
    gather(GUARDS, many(600, 'good')),
    gather(GUARDS, many(600, 'bad')),
    gather(GUARDS, many(3_000, 'more')),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(sizes).toEqual([600, 600, 3_000]);
});

test('turns away whom it has no room for, and keeps nobody waiting for a server that is gone', async () => {
  const gone = Promise.withResolvers<Row[]>();
  let asked = 0;
  const gather = makeGather(() => ((asked += 1), gone.promise), makeTurns());
  const first = gather(GUARDS, ['a']).catch((error: Refusal) => error.code);
  while (asked === 0) await sleep(1);
  const others = Array.from({ length: 5_001 }, (_, at) =>
    gather(GUARDS, [`${at}`]).catch((error: Refusal) => error.code),
  );
  expect(await others.at(-1)).toBe('busy');
  gone.reject(new Refusal('service_unreachable'));
  expect(new Set(await Promise.all([first, ...others.slice(0, -1)]))).toEqual(
    new Set(['service_unreachable']),
  );
  expect(asked).toBe(1);
});
