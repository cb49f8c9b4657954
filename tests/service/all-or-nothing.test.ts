import { StatementSync } from 'node:sqlite';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SCHEMA_STEPS } from '../../src/service/store/engine/sqlite/schema.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../harness.ts';
import { audit, fund, money, newKey, quote } from './money/wallet.ts';

/** Counts of tries at doors, which are kept whatever becomes of a call, and what jobs do by themselves beside it. */
const APART = new Set(['throttles', 'outbox', 'sent_mails', 'leases']);
const TABLES = [...SCHEMA_STEPS.join('\n').matchAll(/CREATE TABLE (\w+)/g)]
  .map(([, table = '']) => table)
  .filter((table) => !APART.has(table));

/** How many statements that write are still let through; from then on each fails, as if the process had been killed. */
let left = Infinity;
function letThrough(): void {
  if (left <= 0) throw new Error('cut off');
  left -= 1;
}

const run = StatementSync.prototype.run;
vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...values) {
  letThrough();
  return (run as (...given: unknown[]) => ReturnType<typeof run>).apply(this, values);
});
const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
  const [asked] = given as [string | { text?: string }];
  const text = typeof asked === 'string' ? asked : (asked.text ?? '');
  try {
    if (/^\s*(INSERT|UPDATE|DELETE|WITH)\b/i.test(text)) letThrough();
  } catch (error) {
    return Promise.reject(error as Error);
  }
  return query.apply(this, given);
} as never);

eachEngine((engine) => {
  let harness: Harness;
  afterEach(() => harness.close());

  /** Every row there is, as text; a job seals records when it comes by. */
  async function everything(): Promise<Record<string, string[]>> {
    const { engine: db } = harness.service.deps;
    const tables = TABLES.map(async (table): Promise<[string, string[]]> => {
      const rows = await db.all(`SELECT * FROM ${table}`);
      const texts = rows.map((row) =>
        JSON.stringify(table === 'audit_log' ? { ...row, seq: '', hash: '' } : row, (_, value: unknown) =>
          typeof value === 'bigint' ? `${value}` : value,
        ),
      );
      return [table, texts.sort()];
    });
    return Object.fromEntries(await Promise.all(tables));
  }

  describe('a call that is cut off at any of its statements has done nothing, and can be made again (ASVS V2.3.3)', () => {
    type Made = (alice: Holder, bob: Holder) => Promise<() => Promise<unknown>>;
    const calls: Record<string, Made> = {
      'create-transfer': async (alice, bob) => {
        const [{ id }, key] = [await quote(alice, bob.email, '10.00 EUR'), newKey()];
        return () => alice.client.call('create-transfer', { quote: id }, { key });
      },
      'create-payee': async (alice, bob) => () =>
        alice.client.call('create-payee', { name: 'Bob', to: bob.email }),
      'create-token': async (alice) => () =>
        alice.client.call('create-token', { name: 'ci', scopes: ['read'] }),
      'change-password': async (alice) => {
        await harness.logIn(alice.email);
        return () =>
          alice.client.call('change-password', { current: PASSWORD, password: 'another tangerine ladder' });
      },
      'log-in': async (alice) => () => harness.logIn(alice.email),
      'adjust-balance': async (alice) => {
        const { client } = await harness.staff('senior');
        return () =>
          client.call('adjust-balance', {
            holder: alice.email,
            amount: money('1 EUR'),
            direction: 'credit',
            reason: 'a fee was wrong',
          });
      },
    };

    it.each(Object.entries(calls))('%s', async (name, make) => {
      harness = await openHarness({
        engine,
        settings: { log: { info: () => undefined, error: () => undefined } },
      });
      const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
      await fund(harness, alice, '100.00');
      const call = await make(alice, bob);
      const before = await everything();
      let cut = 0;
      for (; cut < 40; cut++) {
        left = cut;
        const ended = await call().then(
          () => 'done',
          () => 'cut off',
        );
        left = Infinity;
        if (ended === 'done') break;
        // A try that was cut off was one all the same: the door would close.
        await harness.service.deps.engine.transact((tx) => tx.run('DELETE FROM throttles'));
        expect(await everything(), `${name}, cut off at its statement ${cut + 1}`).toEqual(before);
      }
      // The control: statements were cut off, and the call that was not is seen.
      expect(cut).toBeGreaterThan(0);
      expect(cut).toBeLessThan(40);
      expect(await everything()).not.toEqual(before);
      await audit(harness);
    });
  });
});
