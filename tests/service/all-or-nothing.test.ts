import { StatementSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/service/store/engine/open.ts';
import { SCHEMA_STEPS } from '../../src/service/store/engine/sqlite/schema.ts';
import {
  eachEngine,
  openHarness,
  PASSWORD,
  type Harness,
  type HarnessOptions,
  type Holder,
} from '../harness.ts';
import { audit, fund, money, newKey, quote } from './money/wallet.ts';

/** Counts of tries at doors, which are kept whatever becomes of a call, and what jobs do by themselves beside it. */
const APART = new Set(['throttles', 'outbox', 'sent_mails', 'leases']);
const TABLES = [...SCHEMA_STEPS.join('\n').matchAll(/CREATE TABLE (\w+)/g)]
  .map(([, table = '']) => table)
  .filter((table) => !APART.has(table));

/** How many statements that write are still let through; from then on each fails, as if the process were killed. */
let left = Infinity;
function letThrough(): void {
  if (left <= 0) throw new Error('cut off');
  left -= 1;
}

type Method = (this: unknown, ...given: unknown[]) => unknown;

/** Puts another method in the place of one of a class. */
function replace(owner: object, name: string, make: (original: Method) => Method): void {
  const methods = owner as Record<string, Method>;
  const original = methods[name] as Method;
  methods[name] = make(original);
  afterAll(() => void (methods[name] = original));
}

replace(
  StatementSync.prototype,
  'run',
  (original) =>
    function (...values) {
      letThrough();
      return original.apply(this, values);
    },
);
replace(
  pg.Client.prototype,
  'query',
  (original) =>
    function (...given) {
      const [asked] = given as [string | { text?: string }];
      const text = typeof asked === 'string' ? asked : (asked.text ?? '');
      const isWrite = /^\s*(INSERT|UPDATE|DELETE|WITH)\b/i.test(text);
      // It has to fail at the server: what is sent behind it in one go relies on that.
      if (isWrite && left <= 0) return original.call(this, 'SELECT 1 / 0');
      if (isWrite) letThrough();
      return original.apply(this, given);
    },
);

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

    /** Cuts a call off at each of its statements in turn; gives where something of it was left behind, first. */
    async function cutOffEverywhere(
      call: () => Promise<unknown>,
    ): Promise<{ cuts: number; halves: string[] }> {
      // What was done before may still have jobs to do.
      const { engine: db } = harness.service.deps;
      await expect.poll(() => db.all('SELECT id FROM outbox')).toEqual([]);
      const before = await everything();
      const halves: string[] = [];
      for (let cut = 0; halves.length === 0; cut++) {
        left = cut;
        const ended = await call().then(
          () => 'done',
          () => 'cut off',
        );
        left = Infinity;
        if (ended === 'done') {
          expect(await everything()).not.toEqual(before);
          return { cuts: cut, halves };
        }
        // A try that was cut off was one all the same: the door would close.
        await db.transact((tx) => tx.run('DELETE FROM throttles'));
        const after = await everything();
        const tables = TABLES.filter((table) => !isDeepStrictEqual(after[table], before[table]));
        halves.push(...tables.map((table) => `${table} at statement ${cut + 1}`));
      }
      return { cuts: halves.length, halves };
    }

    async function open(settings: HarnessOptions['settings'] = {}): Promise<[alice: Holder, bob: Holder]> {
      const log = { info: () => undefined, error: () => undefined };
      harness = await openHarness({ engine, settings: { log, ...settings } });
      const people: [Holder, Holder] = [await harness.holder('alice'), await harness.holder('bob')];
      await fund(harness, people[0], '100.00');
      return people;
    }

    it.each(Object.entries(calls))('%s', async (_, make) => {
      const call = await make(...(await open()));
      const { cuts, halves } = await cutOffEverywhere(call);
      expect(halves).toEqual([]);
      expect(cuts).toBeGreaterThan(0);
      await audit(harness);
    });

    it('positive control: with each statement committed by itself halves are left behind', async () => {
      const people = await open({
        open: async (url) => {
          const whole = await openEngine(url);
          const apart: typeof whole.transact = (work) =>
            work({
              all: whole.all,
              one: whole.one,
              run: (sql, values) => whole.transact((tx) => tx.run(sql, values)),
            });
          return { ...whole, transact: apart };
        },
      });
      const call = await (calls['change-password'] as Made)(...people);
      expect((await cutOffEverywhere(call)).halves.length).toBeGreaterThan(0);
    });
  });
});
