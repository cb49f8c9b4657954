import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, type OperationName } from '../../../src/core/contract/operations.ts';
import { setRole } from '../../../src/service/store/users.ts';
import { openHarness, type Harness } from '../../harness.ts';
import type { Draft } from '../../soak/fuzz/requests.ts';
import { makeSender, type Answer, type Sender } from '../../soak/fuzz/sender.ts';
import { copyTree, Fields, fieldsIn, Raw, spotsOf, writeJson } from '../../soak/fuzz/tree.ts';
import { balanceOf, fund, newKey, person, quote, send } from '../money/wallet.ts';
import { everyDraft, wireFor } from './every-route.ts';
import { raw } from './raw.ts';

/** What nobody may set, by any call; and names that are something to every object of JavaScript. */
const NOT_YOURS = ['role', 'limit', 'verified', 'fee', 'isAdmin', 'balance', 'userId', 'createdAt'];
const OF_OBJECTS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
/** Values that a program that is not strict takes for others. */
const OTHER_TYPES = [['10'], [], new Fields([]), true, 10, new Raw('1e3'), '10', null];

let harness: Harness;
let drafts: Draft[];
let sender: Sender;
let url: string;
beforeAll(async () => {
  harness = await openHarness();
  ({ url } = await harness.serve());
  drafts = await everyDraft(url);
  sender = makeSender(url, 10_000);
});
afterAll(async () => {
  await sender.close();
  await harness.close();
});

const whereOf = ({ method, call }: Draft) => `${method} ${call.path}`;
const isJson = ({ call }: Draft) => call.body?.schema !== undefined;

/** How a draft is answered to an administrator: the status and the refusal's code and field. */
async function ask(draft: Draft): Promise<[status: number, code: string, field: string]> {
  // Somebody new every time, and much later: some calls are answered only so often.
  harness.clock.advance(3_600_000);
  const { token } = await person(harness, `admin-${newKey()}`, 'admin');
  const answer: Answer = await sender.send(wireFor(draft, token));
  if ('failed' in answer) throw new Error(`${whereOf(draft)}: ${answer.failed}`);
  // A row of a list that is not written right is refused alone.
  const whole = JSON.parse(answer.text) as { results?: [{ problem?: object }] };
  const { status, code, facts } = { status: answer.status, ...whole, ...whole.results?.[0].problem } as {
    status: number;
    code: string;
    facts?: { field?: string };
  };
  return [status, code, facts?.field ?? ''];
}

/** The draft again, its body changed. */
function withBody(draft: Draft, change: (body: unknown) => void): Draft {
  const body = copyTree(draft.body);
  change(body);
  return { ...draft, body };
}

const typeOf = (value: unknown) =>
  value instanceof Fields
    ? 'object'
    : value instanceof Raw
      ? 'number'
      : Array.isArray(value)
        ? 'list'
        : typeof value;

describe('the body of every call', () => {
  it('takes no field at any depth that the contract does not name, and nobody’s role, limit or fee is set by one (ASVS V2.2.1, V2.2.2, V8.2.3, V15.3.1, V15.3.3)', async () => {
    let asked = 0;
    for (const draft of drafts.filter(isJson)) {
      const known = fieldsIn(draft.body).map(({ entries }) => entries.map(([name]) => name));
      for (const [at, names] of known.entries())
        for (const name of NOT_YOURS.filter((each) => !names.includes(each))) {
          const spoiled = withBody(draft, (body) => fieldsIn(body)[at]?.entries.push([name, 'admin']));
          const [status, code, field] = await ask(spoiled);
          const where = `${whereOf(draft)} ${at} ${name}`;
          expect([where, status, code]).toEqual([where, 400, 'input_invalid']);
          if (!draft.call.path.startsWith('/v1/quotes') && !draft.call.path.startsWith('/v1/transfers'))
            expect([where, field.split('.').at(-1)]).toEqual([where, name]);
          asked += 1;
        }
    }
    expect(asked).toBeGreaterThan(300);
  });

  it('gives objects no prototype and no method (ASVS V15.3.6)', async () => {
    for (const draft of drafts.filter(isJson))
      for (const name of OF_OBJECTS)
        for (const at of fieldsIn(draft.body).keys()) {
          const value = new Fields([['role', 'admin']]);
          const spoiled = withBody(draft, (body) => fieldsIn(body)[at]?.entries.push([name, value]));
          const where = `${whereOf(draft)} ${at} ${name}`;
          expect([where, ...(await ask(spoiled)).slice(0, 2)]).toEqual([where, 400, 'input_invalid']);
        }
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('role');
  });

  it('takes each value in its own type and in no other (ASVS V15.3.5)', async () => {
    let asked = 0;
    for (const draft of drafts.filter(isJson))
      for (const [at, spot] of spotsOf(draft.body).entries())
        for (const value of OTHER_TYPES.filter((other) => typeOf(other) !== typeOf(spot.get()))) {
          const spoiled = withBody(draft, (body) => spotsOf(body)[at]?.set(value));
          const where = `${whereOf(draft)} ${at} ${JSON.stringify(value)}`;
          expect([where, ...(await ask(spoiled)).slice(0, 2)]).toEqual([where, 400, 'input_invalid']);
          asked += 1;
        }
    expect(asked).toBeGreaterThan(500);
  });

  it('positive control: as it is, it is input', () => {
    for (const draft of drafts.filter(isJson)) {
      const { operation } = draft.call as { operation: OperationName };
      const input = { ...Object.fromEntries(draft.places), ...(JSON.parse(writeJson(draft.body)) as object) };
      expect([operation, OPERATIONS[operation].input.safeParse(input).success]).toEqual([operation, true]);
    }
  });
});

describe('what stands in an address', () => {
  /** The draft with more in its query. */
  const asking = (draft: Draft, ...entries: [string, unknown][]): Draft => ({
    ...draft,
    query: new Fields([...draft.query.entries, ...entries]),
  });
  const isQuery = ({ method }: Draft) => method !== 'POST';

  it('is given once, in one place, and is known (ASVS V2.2.1, V15.3.3, V15.3.6, V15.3.7)', async () => {
    let asked = 0;
    for (const draft of drafts) {
      const fields = draft.query.entries.map(([name]) => name);
      const places = draft.places.map(([name]) => name);
      const wrong: [string, Draft][] = [
        ...draft.query.entries.flatMap(([name, value]): [string, Draft][] => [
          [name, asking(draft, [name, value])],
          [name, asking(draft, [name, 'another'])],
        ]),
        ...places.map((name): [string, Draft] => [name, asking(draft, [name, 'another'])]),
        ...[...NOT_YOURS, ...OF_OBJECTS]
          .filter((name) => !fields.includes(name))
          .map((name): [string, Draft] => [name, asking(draft, [name, '1'])]),
      ];
      if (!isQuery(draft)) {
        const body = draft.body instanceof Fields ? draft.body.entries.map(([name]) => name) : [];
        wrong.push(...body.map((name): [string, Draft] => [name, asking(draft, [name, 'another'])]));
      }
      for (const [name, spoiled] of wrong) {
        const [status, code, field] = await ask(spoiled);
        const where = `${whereOf(draft)} ${name}`;
        expect([where, status, code, field]).toEqual([where, 400, 'input_invalid', name]);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(800);
  }, 60_000);

  it('positive control: as it is, it is input', () => {
    for (const draft of drafts.filter(isQuery)) {
      const { operation } = draft.call as { operation: OperationName };
      const input = Object.fromEntries([...draft.places, ...draft.query.entries]);
      expect([operation, OPERATIONS[operation].input.safeParse(input).success]).toEqual([operation, true]);
    }
  });

  it('is a number only as JSON writes one (ASVS V15.3.5)', async () => {
    const isNumber = ([, value]: [string, unknown]) => typeof value === 'number';
    const numbered = drafts.filter(({ query }) => query.entries.some(isNumber));
    expect(numbered.length).toBeGreaterThan(3);
    for (const draft of numbered)
      for (const [name] of draft.query.entries.filter(isNumber))
        for (const text of [
          '1e1',
          '1.0',
          '+1',
          '01',
          ' 1',
          '0x1',
          '1_0',
          '١',
          '',
          'true',
          '[]',
          '-1',
          'NaN',
        ]) {
          const others = draft.query.entries.filter(([each]) => each !== name);
          const query = new Fields([...others, [name, text]]);
          const where = `${whereOf(draft)} ${name}=${text}`;
          expect([where, ...(await ask({ ...draft, query }))]).toEqual([where, 400, 'input_invalid', name]);
        }
  });

  it('nor is a header that decides given twice (ASVS V15.3.7)', async () => {
    const { token } = await person(harness, 'twice');
    const headers = (...more: string[]) =>
      ['GET /v1/me HTTP/1.1', 'Host: x', 'Connection: close', ...more, '', ''].join('\r\n');
    const mine = `Authorization: Bearer ${token}`;
    expect(await raw(url, headers(mine))).toMatch(/^HTTP\/1\.1 200 /);
    for (const other of [mine, 'Authorization: Bearer okp_other', 'Authorization: Basic YTpi'])
      for (const both of [
        [mine, other],
        [other, mine],
      ])
        expect(await raw(url, headers(...both))).toMatch(/^HTTP\/1\.1 401 /);
    const body = JSON.stringify({ quote: 'quo_x' });
    const paying = (...keys: string[]) =>
      [
        ...['POST /v1/transfers HTTP/1.1', 'Host: x', 'Connection: close', mine],
        ...['Content-Type: application/json', `Content-Length: ${body.length}`],
        ...keys.map((key) => `Idempotency-Key: ${key}`),
        ...['', body],
      ].join('\r\n');
    expect(await raw(url, paying('a'))).toContain('"code":"not_found"');
    expect(await raw(url, paying('a', 'b'))).toContain('"field":"Idempotency-Key"');
  });
});

describe('what a holder is told of another', () => {
  it('is a name, an id and the address they paid to, and nothing of rank, limits or money (ASVS V8.2.3, V15.3.1)', async () => {
    const alice = await person(harness, 'alice');
    const bob = await harness.holder('bob', { phone: '+4915112345678' });
    await fund(harness, alice, '100');
    await fund(harness, bob, '777.77');
    const code = (await harness.enableFactor(bob.token)).next(harness.clock.now());
    await bob.client.call('set-confirmation-limit', { currency: 'EUR', above: '333.33', code });
    await harness.service.deps.engine.transact((tx) => setRole(tx, bob.id, 'viewer'));
    const { reference } = await bob.client.call('get-deposit-instructions', {});
    const priced = await quote(alice, bob.email, '1.00 EUR');
    const paid = await send(alice, bob.email, '2.00 EUR');
    await alice.client.call('create-payee', { name: 'Bobby', to: bob.email });
    const reading = await Promise.all([
      alice.client.call('get-quote', { quote: priced.id }),
      alice.client.call('get-transfer', { transfer: paid.id }),
      alice.client.call('list-transfers', {}),
      alice.client.call('list-payees', {}),
      alice.client.call('explain', { id: paid.id }),
      alice.client.call('explain', { id: priced.id }),
      alice.client.call('list-activity', {}),
      alice.client.call('get-me', {}),
    ]);
    const told = [priced, paid, ...reading];
    const about = objectsIn(told).filter((object) => object['id'] === bob.id);
    expect(about.length).toBeGreaterThan(4);
    for (const object of about)
      expect(['id', 'name', 'email']).toEqual(expect.arrayContaining(Object.keys(object)));
    const secrets = ['viewer', '+4915112345678', '777.77', '779.77', '333.33', reference];
    const text = JSON.stringify(told);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    // The positive control: whose it is sees it.
    expect(await balanceOf(bob)).toBe('779.77 EUR');
    const own = JSON.stringify([
      await bob.client.call('get-me', {}),
      await bob.client.call('get-second-factor', {}),
    ]);
    expect(['viewer', '+4915112345678', '333.33'].filter((secret) => !own.includes(secret))).toEqual([]);
  });
});

/** Every object inside a value. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}
