import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginBatch } from '../../../../src/service/store/engine/postgres/ledger-store.ts';
import type { OwnClient } from '../../../../src/service/store/engine/postgres/connections.ts';
import { dropDatabase, newDatabase } from '../../../shared-postgres.ts';

let url: string;
let client: pg.Client;
beforeEach(async () => {
  url = await newDatabase();
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await dropDatabase(url);
});

/** Writes two guards' worth of changes and commits; `query` may be another way to send. */
async function endOfBatch(): Promise<string> {
  const own = Object.assign(client, { together: () => undefined, atOnce: (ask: () => void) => ask() });
  const batch = beginBatch(own as unknown as OwnClient);
  await batch.store.load({ accounts: [], keys: [], guards: ['counted'], holds: [] });
  const none = { opened: [], transfers: [], entries: [], accounts: [], holdsMade: [], holdsResolved: [] };
  const guards = [{ name: 'counted', value: 1n, by: 'trf_1' }];
  await batch.store.write({ ...none, guards, keys: [], events: [] });
  return (await batch.end()).state;
}

test('a batch whose every statement was sent is committed', async () => {
  expect(await endOfBatch()).toBe('committed');
  expect((await client.query('SELECT name FROM guards')).rows).toEqual([{ name: 'counted' }]);
});

test('one that the client could not send, with the COMMIT behind it, is never told as done', async () => {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  Object.assign(client, {
    query: (asked: { text?: string }, ...rest: unknown[]) =>
      /^INSERT INTO guards/.test(asked.text ?? '')
        ? Promise.reject(new TypeError('cannot be written down'))
        : query(asked, ...rest),
  });
  expect(await endOfBatch()).toBe('unknown');
});
