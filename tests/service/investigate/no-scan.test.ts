import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationName } from '../../../src/core/contract/operations.ts';
import type { Reader, Value } from '../../../src/service/store/engine/engine.ts';
import { openHarness, type Harness, type Holder } from '../../harness.ts';
import { fund, money, performWith, person, send } from '../money/wallet.ts';

let harness: Harness;
let alice: Holder;
let sue: Holder;
let paid: string;
beforeAll(async () => {
  harness = await openHarness();
  [alice, sue] = [await person(harness, 'alice'), await person(harness, 'sue', 'support')];
  const bob = await person(harness, 'bob');
  await fund(harness, alice, '10.00');
  paid = (await send(alice, bob.email, '1.00 EUR')).id;
});
afterAll(() => harness.close());

/** How SQLite would answer everything that a call asks: one line for each table it touches. */
async function plansOf(operation: OperationName, input: object): Promise<string[]> {
  const { engine } = harness.service.deps;
  const asked = new Map<string, readonly Value[]>();
  const spy: Reader = {
    all: (sql, values = []) => engine.all(asked.set(sql, values) && sql, values),
    one: (sql, values = []) => engine.one(asked.set(sql, values) && sql, values),
    gather: async (question, keys) => {
      const sql = question.sql((column) => `${column} IN (SELECT value FROM json_each(?))`);
      asked.set(sql, [JSON.stringify(keys)]);
      return (await engine.gather?.(question, keys)) ?? [];
    },
  };
  await performWith(harness, { engine: { ...engine, ...spy } })(sue, { operation, input });
  const plans: string[] = [];
  for (const [sql, values] of asked)
    for (const { detail } of await engine.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values))
      plans.push(detail);
  return plans;
}

/** A table read from end to end; `t` is what was bounded before, a constant row and a list of keys are no tables. */
const scans = (plans: readonly string[]) =>
  plans.filter((plan) => /^SCAN (?!t$|CONSTANT ROW$|json_each VIRTUAL TABLE)/.test(plan));

const reason = 'x';
const CALLS: [OperationName, () => object][] = [
  ...(
    [
      ['email', () => 'bob@example.com'],
      ['phone', () => '+491511234567'],
      ['id', () => alice.id],
      ['payee', () => 'Landlord'],
      ['reference', () => 'RF08SFZLSJGVWQKL'],
      ['transfer', () => paid],
      ['amount', () => money('1.00 EUR')],
      ['since', () => '2026-01-01T00:00:00Z'],
    ] as const
  ).map(([name, value]): [OperationName, () => object] => [
    'search-accounts',
    () => ({ reason, [name]: value() }),
  ]),
  ['look-at-account', () => ({ reason, holder: alice.id })],
  ['look-at-timeline', () => ({ reason, holder: alice.id, asOf: '2026-03-02T10:00:00Z' })],
  ['look-at-timeline', () => ({ reason, holder: alice.email, kind: 'staff' })],
  ['look-at-transfer', () => ({ reason, transfer: paid })],
  ['trace-transfer', () => ({ reason, transfer: paid })],
  ['list-staff-cases', () => ({ state: 'open', assignee: 'me' })],
  ['list-staff', () => ({})],
];

test.each(CALLS)('%s reads no table from end to end', async (operation, input) => {
  const plans = await plansOf(operation, input());
  expect(plans.length).toBeGreaterThan(1);
  expect(scans(plans)).toEqual([]);
  // The cases of one holder, not all that are open.
  if (operation === 'look-at-account') expect(plans.join()).toContain('cases_by_user (user_id=? AND state=?');
});

test('the control: a question without an index is seen', async () => {
  const sql = 'EXPLAIN QUERY PLAN SELECT id FROM users WHERE display_name = ?';
  const plans = await harness.service.deps.engine.all<{ detail: string }>(sql, ['x']);
  expect(scans(plans.map(({ detail }) => detail))).toEqual(['SCAN users']);
});
