import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../../../src/core/contract/refusals.ts';
import type { Engine, Question, Row } from '../../../../src/service/store/engine/engine.ts';
import { makeGather } from '../../../../src/service/store/engine/postgres/gather.ts';
import { openPostgres } from '../../../../src/service/store/engine/postgres/open.ts';
import { dropDatabase, newDatabase } from '../../../shared-postgres.ts';
import { startProxy, type Proxy } from './proxy.ts';

let url: string;
let proxy: Proxy;
let engine: Engine;
beforeEach(async () => {
  url = await newDatabase();
  proxy = await startProxy(url);
  engine = await openPostgres({ url: proxy.url, askMs: 300, connectMs: 300 });
  await engine.transact(async (tx) => {
    for (const name of ['a', 'b', 'c"\\'])
      await tx.run('INSERT INTO guards (name, value, changed_by) VALUES (?, 1, ?)', [name, name]);
  });
});
afterEach(async () => {
  await engine.close();
  await proxy.stop();
  await dropDatabase(url);
});

const GUARDS: Question = {
  sql: (are) => `SELECT name, value FROM guards WHERE ${are('name')}`,
  key: 'name',
};
const names = (rows: readonly Row[] | undefined) => rows?.map(({ name }) => name);
const ask = (keys: readonly string[]) => engine.gather?.(GUARDS, keys);

test('gives everybody the rows of their own keys, each once, and none for a key that nobody has', async () => {
  const answers = await Promise.all([ask(['a']), ask(['b', 'a', 'b']), ask(['z']), ask(['c"\\'])]);
  expect(answers.map(names)).toEqual([['a'], ['b', 'a'], [], ['c"\\']]);
});

test('asks once for all who ask in one turn, or while an earlier question is on its way', async () => {
  const asked: string[] = [];
  const gather = makeGather((sql, values) => {
    asked.push(values.join());
    return engine.all(sql, values);
  });
  const first = [gather(GUARDS, ['a']), gather(GUARDS, ['b'])];
  while (asked.length === 0) await sleep(1);
  const later = [gather(GUARDS, ['a']), gather(GUARDS, ['z', 'b'])];
  expect((await Promise.all([...first, ...later])).map(names)).toEqual([['a'], ['b'], ['a'], ['b']]);
  expect(asked).toEqual(['{"a","b"}', '{"a","z","b"}']);
});

test('gives nobody what was read before they asked', async () => {
  const answered = Promise.withResolvers<void>();
  let asked = 0;
  const gather = makeGather(async (sql, values) => {
    const rows = await engine.all(sql, values);
    if (++asked === 1) await answered.promise;
    return rows;
  });
  const before = gather(GUARDS, ['a']);
  while (asked === 0) await sleep(1);
  await engine.transact((tx) => tx.run("DELETE FROM guards WHERE name = 'a'"));
  const after = gather(GUARDS, ['a']);
  answered.resolve();
  expect([names(await before), names(await after)]).toEqual([['a'], []]);
});

test('splits what is too much for one statement, and says to those alone that theirs failed', async () => {
  const sizes: number[] = [];
  const gather = makeGather(async (_sql, [keys = '']) => {
    sizes.push(keys.split(',').length);
    if (keys.includes('bad')) throw new Error('no');
    return [];
  });
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
  const gather = makeGather(() => ((asked += 1), gone.promise));
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

test('goes on over another connection when its own breaks', async () => {
  expect(names(await ask(['a']))).toEqual(['a']);
  for (let at = 0; at < 5; at++) {
    proxy.cutAll();
    expect((await Promise.all([ask(['a']), ask(['b'])])).map(names)).toEqual([['a'], ['b']]);
  }
  let cuts = 0;
  proxy.rules.toServer = (bytes, link) => {
    if (cuts > 0 || !bytes.includes('{"b"}')) return bytes;
    cuts += 1;
    return void link.cut();
  };
  expect(names(await ask(['b']))).toEqual(['b']);
  expect(cuts).toBe(1);
});

test('a server that says nothing any more does not keep anybody, and the next question is answered', async () => {
  await ask(['a']);
  let silent = true;
  proxy.rules.toClient = (bytes) => (silent ? undefined : bytes);
  await expect(ask(['a'])).rejects.toMatchObject({ code: 'service_unreachable' });
  silent = false;
  expect(names(await ask(['a']))).toEqual(['a']);
});
