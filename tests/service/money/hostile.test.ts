import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, everything, fund, newKey, pay, person, quote, refusalOf } from './wallet.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const missing = existsSync(join(DATA, 'bad-input')) ? '' : ` (skipped: no test data at ${DATA})`;
const lines = (name: string): string[] =>
  readFileSync(join(DATA, 'bad-input', name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

const STRINGS: readonly string[] = missing
  ? []
  : [
      ...(JSON.parse(readFileSync(join(DATA, 'bad-input/strings/blns_even.json'), 'utf8')) as string[]),
      ...lines('sql/Auth_Bypass.txt'),
      ...lines('path/directory_traversal.txt').filter((_, at) => at % 10 === 0),
    ].filter((text) => text !== '');

eachEngine((engine) => {
  test('text that a database cannot even ask about is like any other that names nothing', async () => {
    const harness = await openHarness({ engine });
    const alice = await person(harness, 'alice');
    const staff = await person(harness, `admin${newKey()}`, 'admin');
    const before = await everything(harness);
    for (const text of ['\u0000', 'a\u0000b', '\ud800', 'quo_\udc00', '\uffff', '\ud83d\ude00']) {
      const amount = { amount: '1', currency: 'EUR' };
      const calls = [
        () => alice.client.call('create-quote', { to: text, amount }),
        () => alice.client.call('get-quote', { quote: text }),
        () => alice.client.call('create-transfer', { quote: text }, { key: newKey() }),
        () => alice.client.call('get-transfer', { transfer: text }),
        () => alice.client.call('explain', { id: text }),
        () => alice.client.call('list-transfers', { with: text }),
        () => alice.client.call('list-transfers', { cursor: text }),
        () => alice.client.call('delete-payee', { payee: text }),
        () => alice.client.call('create-payee', { name: 'Somebody', to: text }),
        () =>
          staff.client.call(
            'assign-suspense',
            { transfer: text, to: alice.email, reason: 'x' },
            { key: newKey() },
          ),
      ];
      for (const [at, call] of calls.entries()) {
        const { exitCode, code } = await refusalOf(call());
        expect([2, 5], `${at}: ${JSON.stringify(text)}: ${code}`).toContain(exitCode);
      }
      const key = alice.client.call('get-intent', { key: text });
      if (text.isWellFormed() && !text.includes('\0')) expect((await key).state).toBe('unknown_key');
      else expect((await refusalOf(key, 'input_invalid')).facts['field']).toBe('key');
    }
    expect(await everything(harness)).toEqual(before);
    await harness.close();
  });
});

describe.skipIf(missing)(`text that was made to do harm${missing}`, () => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let staff: Holder;
  beforeAll(async () => {
    harness = await openHarness();
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    staff = await person(harness, `admin${newKey()}`, 'admin');
    await fund(harness, alice, '100');
  });
  afterAll(async () => {
    await audit(harness);
    await harness.close();
  });

  test('in a field that names something finds nothing and changes nothing (ASVS V1.2.4)', async () => {
    const before = await everything(harness);
    for (const text of STRINGS) {
      const { client } = alice;
      const amount = { amount: '1', currency: 'EUR' };
      const calls = [
        client.call('create-quote', { to: text, amount }),
        client.call('create-quote', { to: bob.email, amount: { amount: text, currency: 'EUR' } }),
        client.call('create-quote', { to: bob.email, amount: { amount: '1', currency: text } }),
        client.call('get-quote', { quote: text }),
        client.call('create-transfer', { quote: text }, { key: newKey() }),
        client.call('create-transfer', { quote: 'x' }, { key: `${text}\u0000` }),
        client.call('get-transfer', { transfer: text }),
        client.call('explain', { id: text }),
        client.call('list-transfers', { with: text }),
        client.call('list-transfers', { cursor: text }),
        client.call('list-transfers', { since: text }),
        client.call('list-transfers', { currency: text }),
        client.call('list-fees', { currency: text }),
        client.call('delete-payee', { payee: text }),
        client.call('create-payee', { name: 'Somebody', to: text }),
        staff.client.call(
          'assign-suspense',
          { transfer: text, to: bob.email, reason: 'x' },
          { key: newKey() },
        ),
        staff.client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: text }),
        staff.client.call('list-suspense', { cursor: text }),
      ];
      const answers = await Promise.allSettled(calls);
      for (const [at, answer] of answers.entries()) {
        // “1” and the like are amounts after all; set-fee with it would be fine and is not tried.
        const isAmount = /^(?:0|[1-9][0-9]*)(?:\.[0-9]{1,2})?$/.test(text) && (at === 1 || at === 16);
        if (isAmount) continue;
        expect(answer.status, `${at}: ${JSON.stringify(text)}`).toBe('rejected');
        const { code, exitCode } = (answer as PromiseRejectedResult).reason as {
          code: string;
          exitCode: number;
        };
        expect([2, 3, 5], `${at}: ${JSON.stringify(text)}: ${code}`).toContain(exitCode);
      }
    }
    const after = await everything(harness);
    expect({ ...after, quotes: [], fee_rules: [] }).toEqual({ ...before, quotes: [], fee_rules: [] });
  });

  test('in a note or a payee’s name is kept to the letter, or refused', async () => {
    let [notes, names] = [0, 0];
    for (const text of STRINGS) {
      const { id } = await quote(alice, bob.email, '0.01 EUR');
      if (text.length > 140) await refusalOf(pay(alice, { id }, { note: text }), 'input_invalid');
      else {
        const paid = await pay(alice, { id }, { note: text });
        expect((await bob.client.call('get-transfer', { transfer: paid.id })).note).toBe(text);
        notes += 1;
      }
      const saved = await alice.client.call('create-payee', { name: text, to: bob.email }).then(
        ({ name }) => name,
        ({ code }: { code: string }) => {
          expect(['input_invalid', 'payee_exists']).toContain(code);
          return undefined;
        },
      );
      if (saved !== undefined) {
        expect(saved).toBe(text.normalize('NFC').trim());
        expect((await quote(alice, text, '1 EUR')).to.id).toBe(bob.id);
        await alice.client.call('delete-payee', { payee: text });
        names += 1;
      }
    }
    expect(notes).toBeGreaterThan(200);
    expect(names).toBeGreaterThan(100);
    expect((await alice.client.call('list-payees', {})).payees).toEqual([]);
  });
});
