import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine, Question, Row } from '../../../../src/service/store/engine/engine.ts';
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
