import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { makeNameCheck } from '../../../src/service/bank-accounts/name-check.ts';
import { readAccount } from '../../../src/service/bank-accounts/read-account.ts';
import { countriesOfIban, SCHEMES } from '../../../src/service/bank-accounts/schemes.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { person, refusalOf } from '../money/wallet.ts';

const NL = 'NL91ABNA0417164300';
const add = ({ client }: Holder, input: Partial<Input<'add-bank-account'>> = {}) =>
  client.call('add-bank-account', { fields: { iban: NL }, ...input });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
  });
  afterEach(() => harness.close());

  test('a holder adds one, hears of it by mail, and removes it', async () => {
    const added = await add(alice, { fields: { iban: 'nl91 abna 0417 1643 00' } });
    expect(added).toMatchObject({ country: 'NL', currency: 'EUR', ending: '4300', nameCheck: 'none' });
    expect(added).not.toHaveProperty('details');
    const mail = await harness.nextMail(alice.email, 'bank-account-added');
    expect(mail.text).toContain('•••4300');
    expect(mail.text).not.toContain(NL);
    await refusalOf(add(alice), 'bank_account_exists');
    const list = (full?: true) => alice.client.call('list-bank-accounts', full ? { full } : {});
    expect((await list(true)).accounts).toMatchObject([{ id: added.id, details: { iban: NL } }]);
    expect(JSON.stringify(await list())).not.toContain(NL);
    const bob = await person(harness, 'bob');
    await refusalOf(bob.client.call('remove-bank-account', { account: added.id }), 'not_found');
    await alice.client.call('remove-bank-account', { account: added.id });
    await harness.nextMail(alice.email, 'bank-account-removed');
    expect((await list()).accounts).toEqual([]);
    // The same one again is another one, with a time of its own.
    expect((await add(alice)).id).not.toBe(added.id);
  });

  test('adding one takes a proof of a moment ago (ASVS V7.5.1)', async () => {
    harness.clock.advance(5 * 60_000 + 1);
    await refusalOf(add(alice), 'proof_required');
  });

  test('a name that says nothing in Latin letters is refused, and there are so many at most', async () => {
    expect((await refusalOf(add(alice, { holderName: '山田太郎' }), 'input_invalid')).facts['field']).toBe(
      'holderName',
    );
    await refusalOf(add(alice, { fields: { iban: 'DE00' } }), 'bank_account_invalid');
  });
});

describe('what is told of an account', () => {
  const read = (fields: Record<string, string>, country?: string, currency?: string) =>
    readAccount({ fields, country, currency });

  test.each([
    ['US', 'USD', { routingNumber: '021000021', accountNumber: '000123456789', accountType: 'checking' }],
    ['GB', 'GBP', { sortCode: '20-00-00', accountNumber: '5577 9911' }],
    ['AU', 'AUD', { bsb: '062-000', accountNumber: '12345678' }],
    ['CA', 'CAD', { institutionNumber: '004', transitNumber: '00012', accountNumber: '1234567' }],
    ['IN', 'INR', { ifsc: 'hdfc0000001', accountNumber: '50100012345678' }],
    ['JP', 'JPY', { bankCode: '0001', branchCode: '001', accountNumber: '1234567', accountType: 'ordinary' }],
  ])('of %s is read, and each part is missed when it is not there', (country, currency, fields) => {
    expect(read(fields, country)).toMatchObject({ country, currency });
    for (const left of Object.keys(fields)) {
      const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== left));
      expect(() => read(rest, country)).toThrow(`${left}: is needed`);
    }
    expect(() => read(fields, country, 'EUR')).toThrow('currency');
    expect(() => read({ ...fields, iban: NL }, country)).toThrow(country === 'NL' ? '' : 'country');
  });

  test.each([
    [{ iban: 'NL91ABNA0417164301' }, undefined, 'check digits'],
    [{ iban: 'NL91ABNA041716430' }, undefined, 'has 17 characters, and one of NL has 18'],
    [{ iban: 'XX91ABNA0417164300' }, undefined, 'there are no IBANs of that'],
    [{ iban: NL }, 'DE', 'is DE, and the IBAN is of NL'],
    [{ iban: NL, bic: 'COBADEFFXXX' }, undefined, 'is of a bank in DE'],
    [{ iban: NL, bic: 'nonsense' }, undefined, 'is no BIC'],
    [{ iban: NL, sortCode: '200000' }, undefined, 'does not go with an IBAN'],
    [{ routingNumber: '021000022', accountNumber: '1234', accountType: 'checking' }, 'US', 'wrong digit'],
    [{ routingNumber: '990000009', accountNumber: '1234', accountType: 'checking' }, 'US', 'wrong digit'],
    [{ sortCode: '20000', accountNumber: '55779911' }, 'GB', 'is not written like 20-00-00'],
    [{}, undefined, 'is needed'],
    [{}, 'FR', 'iban: is needed'],
    [{}, 'KP', 'nothing can be paid to'],
    [{ constructor: 'x' }, 'US', 'does not go with'],
  ])('and does not fit together is refused: %j %s (ASVS V2.2.3)', (fields, country, reason) => {
    expect(() => read(fields as Record<string, string>, country)).toThrow(reason);
  });

  test('in another currency than the account’s is refused', () => {
    expect(read({ iban: 'GB29NWBK60161331926819' }).currency).toBe('EUR');
    expect(read({ iban: 'GB29NWBK60161331926819' }, undefined, 'GBP').currency).toBe('GBP');
    expect(() => read({ iban: NL }, undefined, 'USD')).toThrow('currency');
    expect(countriesOfIban().length).toBeGreaterThan(80);
    expect(SCHEMES.map(({ country }) => country)).toEqual(['US', 'GB', 'AU', 'CA', 'IN', 'JP']);
  });
});

describe('the check of names', () => {
  let server: Server;
  let harness: Harness;
  let answer: { status: number; body: string; hangs?: boolean };
  let asked: unknown[];
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += String(piece)));
      request.on('end', () => {
        asked.push(JSON.parse(body));
        if (answer.hangs) return void request.socket.destroy();
        response.writeHead(answer.status, { location: 'http://127.0.0.1:1/' }).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const nameCheckUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`;
    harness = await openHarness({ settings: { nameCheckUrl } });
  });
  afterEach(async () => {
    await harness.close();
    server.close();
  });
  const says = (body: object) => (answer = { status: 200, body: JSON.stringify(body) });

  test('a match is kept, another name is refused until the holder accepts it, with the name the bank has', async () => {
    const alice = await person(harness, 'alice');
    says({ result: 'close_match', name: 'Alice B. Example' });
    expect((await refusalOf(add(alice), 'name_differs')).facts).toEqual({ says: 'Alice B. Example' });
    says({ result: 'no_match' });
    expect((await refusalOf(add(alice), 'name_differs')).facts).toEqual({});
    expect(await add(alice, { acceptName: true })).toMatchObject({ nameCheck: 'no_match' });
    says({ result: 'match' });
    const other = { fields: { iban: 'DE89370400440532013000' } };
    expect(await add(alice, other)).toMatchObject({ nameCheck: 'match' });
    expect(asked[0]).toEqual({ name: 'Alice Example', country: 'NL', currency: 'EUR', iban: NL });
  });

  const BROKEN = [
    ['an error', { status: 500, body: '' }],
    ['a redirect, which is not followed', { status: 302, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['another answer', { status: 200, body: '{"result":"maybe"}' }],
    ['a very long answer', { status: 200, body: `{"result":"match","name":"${'x'.repeat(20_000)}"}` }],
    ['a broken connection', { status: 200, body: '', hangs: true }],
  ] as const;

  test('when the bank cannot be asked the account is added, and says so', async () => {
    for (const [at, [what, broken]] of BROKEN.entries()) {
      answer = broken;
      const holder = await person(harness, `holder${at}`);
      expect(await add(holder), what).toMatchObject({ nameCheck: 'unavailable' });
    }
    const failures = harness.logged.filter(({ event }) => event === 'name_check_failed');
    expect(failures).toHaveLength(BROKEN.length);
    expect(JSON.stringify(harness.logged)).not.toContain(NL);
  });

  test('is asked over HTTPS only, but on this machine', () => {
    expect(() => makeNameCheck('http://bank.example/check', () => undefined)).toThrow('https://');
    for (const address of ['file:///etc/passwd', 'nonsense'])
      expect(() => makeNameCheck(address, () => undefined)).toThrow('https://');
    expect(makeNameCheck('https://bank.example/check', () => undefined)).toBeTypeOf('function');
  });
});
