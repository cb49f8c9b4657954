import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { OperationName } from '../../src/core/contract/operations.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import type { Engine, Row, Value } from '../../src/service/store/engine/engine.ts';
import { eachEngine, openHarness, type Harness } from '../harness.ts';
import type { Draft } from '../soak/fuzz/requests.ts';
import { copyTree, Fields, spotsOf, writeJson } from '../soak/fuzz/tree.ts';
import { allRows } from './all-rows.ts';
import { everyDraft } from './http/every-route.ts';
import { audit, fund, newKey, person } from './money/wallet.ts';

const LIST = join(
  process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data'),
  'bad-input/sql/Auth_Bypass.txt',
);
const MISSING = existsSync(LIST) ? '' : ` (without the list of others: no test data at ${LIST})`;
const OWN = [
  "'",
  "' OR '1'='1",
  "' OR 1=1 --",
  "x' UNION SELECT email FROM users --",
  "'; UPDATE users SET role='admin'; --",
  "'); DELETE FROM entries; --",
  '" OR ""="',
  '%',
  '_',
  '\\',
  "\\' OR 1=1 --",
  '$1',
  '?',
  ':a',
  'usr_%',
];
const OTHERS = MISSING
  ? []
  : readFileSync(LIST, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
/** One in so many of both, each operation other ones, so that each of them is tried in many places. */
const ONE_IN = { sqlite: { own: 2, others: 16 }, postgres: { own: 5, others: 40 } };
/** What is kept of every call, whatever it is, and what goes when its time is over. */
const OF_ASKING = [
  ...['sessions', 'throttles', 'audit_log', 'devices', 'sent_mails', 'outbox'],
  ...['registrations', 'mailed_codes'],
];
/** Nothing that a text was written into may change these. */
const NEVER = ['users', 'accounts', 'transfers', 'entries', 'holds', 'fee_rules', 'second_factors', 'guards'];
/** Somebody whom no text of these names: an answer that tells of them told too much. */
const HIDDEN = 'canary@example.com';

let harness: Harness;
afterEach(async () => {
  vi.restoreAllMocks();
  await harness.close();
});

/** A draft that is right but for one text. */
type Spoiled = { readonly operation: OperationName; readonly input: object; readonly key: string };

/** Every text of a draft in the place of each string that it may have, other fields that may be left out left out. */
function* spoilt(draft: Draft, texts: readonly string[]): Generator<Spoiled> {
  const { operation, parameters, body } = draft.call;
  const required = [
    ...parameters.filter((parameter) => parameter.required).map(({ name }) => name),
    ...(body?.schema?.anyOf ?? [body?.schema]).flatMap((schema) => schema?.required ?? []),
  ];
  const rest = draft.body instanceof Fields ? draft.body : draft.query;
  const whole = new Fields([...draft.places, ...rest.entries]);
  for (const [name] of whole.entries) {
    const slim = new Fields(whole.entries.filter(([each]) => each === name || required.includes(each)));
    const own = new Fields(slim.entries.filter(([each]) => each === name));
    for (const [at, spot] of spotsOf(own).entries()) {
      if (typeof spot.get() !== 'string') continue;
      for (const text of texts) {
        const [copy, others] = [copyTree(own), slim.entries.filter(([each]) => each !== name)];
        spotsOf(copy)[at]?.set(text);
        const input = JSON.parse(writeJson(new Fields([...others, ...copy.entries]))) as object;
        yield { operation: operation as OperationName, input, key: newKey() };
      }
    }
  }
}

/** Performs a call; gives the code of its refusal, or what it answered. */
async function perform(call: Spoiled, token: string): Promise<{ code: string; text: string }> {
  try {
    const answer = await harness.service.perform({ ...call, token }, { console: false });
    if ('output' in answer) return { code: 'done', text: JSON.stringify(answer.output) };
    let text = '';
    for await (const piece of answer.text) text += piece;
    return { code: 'done', text };
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, text: error.message };
    throw error;
  }
}

/** Every operation with all texts for it in every string; what went wrong. */
async function inject(
  textsFor: (place: number) => readonly string[],
): Promise<{ asked: number; faults: string[] }> {
  const { url } = await harness.serve();
  const { engine } = harness.service.deps;
  const faults: string[] = [];
  let asked = 0;
  for (const [place, draft] of (await everyDraft(url)).entries()) {
    // The whole book and the audit log tell of everybody, for whom that is meant.
    if (draft.call.operation.startsWith('export-') || draft.call.operation === 'list-staff') continue;
    harness.clock.advance(3_600_000);
    const { token } = await person(harness, `admin-${newKey()}`, 'admin');
    const before = await allRows(harness, OF_ASKING);
    let done = 0;
    for (const call of spoilt(draft, textsFor(place))) {
      await engine.transact((tx) => tx.run('DELETE FROM throttles'));
      const { code, text } = await perform(call, token);
      const where = `${call.operation} ${JSON.stringify(call.input)}`;
      if (code === 'unexpected') faults.push(`${where}: ${code}`);
      if (text.includes(HIDDEN)) faults.push(`${where} tells of somebody else`);
      if (code === 'done') done += 1;
      asked += 1;
      if (call.operation === 'log-out' || call.operation.startsWith('revoke')) break;
    }
    const after = await allRows(harness, OF_ASKING);
    for (const [table, rows] of Object.entries(after))
      if (rows !== before[table] && (done === 0 || NEVER.includes(table)))
        faults.push(`${draft.call.operation} changed ${table}`);
  }
  return { asked, faults };
}

const open = async (engine?: Parameters<typeof openHarness>[0]) => {
  harness = await openHarness(engine);
  await fund(harness, await person(harness, 'canary'), '100');
};

describe(`SQL in every string of every operation${MISSING}`, () => {
  eachEngine((engine) => {
    test('is a value and nothing else: no failure, no row changed, nothing told of others (ASVS V1.2.4)', async () => {
      await open({ engine });
      const { own, others } = ONE_IN[engine.name];
      const some = (texts: readonly string[], oneIn: number, place: number) =>
        texts.filter((_, at) => at % oneIn === place % oneIn);
      const { asked, faults } = await inject((place) => [
        ...some(OWN, own, place),
        ...some(OTHERS, others, place),
      ]);
      expect(faults).toEqual([]);
      expect(asked).toBeGreaterThan((OWN.length / own + OTHERS.length / others) * 100);
      await audit(harness);
    }, 300_000);
  });

  test('positive control: values that are written into the SQL are found out', async () => {
    await open();
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { engine } = harness.service.deps;
    const pasted = (sql: string, values: readonly Value[] = []) => {
      let at = 0;
      return sql.replace(/\?/g, () => {
        const value = values[at++] ?? null;
        return typeof value === 'string' ? `'${value}'` : String(value);
      });
    };
    const splicing: Engine = {
      ...engine,
      all: <R extends Row>(sql: string, values?: readonly Value[]) => engine.all<R>(pasted(sql, values)),
      one: <R extends Row>(sql: string, values?: readonly Value[]) => engine.one<R>(pasted(sql, values)),
    };
    Object.assign(harness.service.deps, { engine: splicing });
    const { faults } = await inject(() => ["'", "' OR 1=1 --"]);
    expect(faults.filter((fault) => fault.endsWith('unexpected')).length).toBeGreaterThan(10);
    Object.assign(harness.service.deps, { engine });
  }, 60_000);
});
