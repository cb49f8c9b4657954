import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fund, quote, send } from '../service/money/wallet.ts';
import { TRANSFER_QUOTE_LIFE_MS } from '../../src/service/payments/make-quote.ts';
import { document, openPaying, type Paying } from './paying.ts';

let paying: Paying;
beforeEach(async () => {
  paying = await openPaying();
  await fund(paying.harness, paying.alice, '100');
});
afterEach(() => paying.close());

const fees = async (basisPoints: number) => {
  const { client } = await paying.harness.staff('admin');
  await client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints, fixed: '0.05' });
};

describe('a payment', () => {
  test('says who got what, what it cost and what is left', async () => {
    await fees(100);
    const { exitCode, stdout, stderr } = await paying.line('send bob@example.com 10 eur --yes');
    expect(exitCode).toBe(0);
    expect(stdout.replace(/trf_\w+/, 'ID')).toBe(
      [
        'Sent 10.00 EUR to Bob Example (bob@example.com).',
        'You paid:     10.15 EUR',
        'Fee:          0.15 EUR',
        'They got:     10.00 EUR',
        'You have now: 89.85 EUR',
        'Transfer:     ID',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('Warning: You have never paid bob@example.com before.\n');
    expect(paying.open()).toEqual([]);
  });

  test('with --json prints one document: the transfer, the key, and that it was not paid earlier', async () => {
    const { exitCode, stdout, stderr } = await paying.line(
      'send bob@example.com 10 EUR --yes --json --note lunch',
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'done',
      paid: { amount: '10.00', currency: 'EUR' },
      note: 'lunch',
      key: expect.stringMatching(/^key_/),
      fromEarlier: false,
      alsoSettled: [],
      warnings: [{ code: 'first_payment' }],
    });
  });

  test.each([
    ['send bob@example.com EUR:12.50'],
    ['send bob@example.com 12.50EUR'],
    ['send bob@example.com 12.5 EUR'],
    ['send BOB@example.com 12.50 EUR'],
  ])('is understood as it is typed: %s', async (line) => {
    expect(document(await paying.line(`${line} --yes --json`))).toMatchObject({
      received: { amount: '12.50', currency: 'EUR' },
    });
  });

  test('goes to a payee by name', async () => {
    await paying.okpay(['payee', 'add', 'Bob the builder', 'bob@example.com']);
    const { exitCode, stdout } = await paying.okpay(['send', 'Bob the builder', '1', 'EUR', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('to Bob Example (bob@example.com)');
  });

  test('lets the recipient bear the fee', async () => {
    await fees(100);
    const sent = await paying.line('send bob@example.com 10 EUR --fee-from recipient --yes --json');
    expect(document(sent)).toMatchObject({ paid: { amount: '10.00' }, received: { amount: '9.85' } });
  });

  test('shows a name that paints over the terminal as harmless marks', async () => {
    const { alice, harness } = paying;
    const mallory = await harness.holder('mallory', { displayName: 'Mallory' });
    await harness.service.deps.engine.transact((tx) =>
      tx.run('UPDATE users SET display_name = ? WHERE id = ?', ['\u001b[2JBob\u202e', mallory.id]),
    );
    const { stdout, stderr } = await paying.okpay(['send', mallory.email, '1', 'EUR', '--yes']);
    expect(stdout).toContain('‹U+001B›[2JBob‹U+202E›');
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
    const json = document<{ to: { name: string } }>(
      await paying.okpay(['send', mallory.email, '1', 'EUR', '--yes', '--json']),
    );
    expect(json.to.name).toBe('\u001b[2JBob\u202e');
    expect(alice.id).toMatch(/^usr_/);
  });
});

describe('before anything leaves', () => {
  test('the price and the warnings are shown, and yes is asked for', async () => {
    await fees(100);
    const { exitCode, calls, ...written } = await paying.line('send bob@example.com 10 EUR', {
      keys: ['y\r'],
    });
    const stderr = stripVTControlCharacters(written.stderr);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('To:          Bob Example (bob@example.com)\n');
    expect(stderr).toContain(
      'You pay:     10.15 EUR\nFee:         0.15 EUR, paid by you on top\nThey get:    10.00 EUR\n',
    );
    expect(stderr).toMatch(
      /Price holds: until .*\(in 5 minutes\)\nWarning: You have never paid bob@example.com before.\n/,
    );
    expect(stderr).toContain('Send it?');
    const moved = calls.filter(({ operation }) => operation === 'create-transfer');
    expect(moved.map(({ input }) => (input as { dryRun?: boolean }).dryRun)).toEqual([true, undefined]);
  });

  test('no cancels: exit 2, nothing sent', async () => {
    const { exitCode, stdout, stderr } = await paying.line('send bob@example.com 10 EUR', { keys: ['n\r'] });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Cancelled: nothing was done.');
    expect(await paying.payments()).toBe(0);
  });

  test('a payee that looks like another one is warned of', async () => {
    await paying.harness.holder('b0b');
    await paying.line('payee add Bob bob@example.com');
    const { stderr } = await paying.line('send b0b@example.com 10 EUR', { keys: ['n\r'] });
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'b0b@example.com looks like your payee “Bob” (bob@example.com) but is somebody else.',
    );
  });

  test.each([[{}], [{ keys: ['y\r'], environment: { CI: 'true' } }]])(
    'where nobody can be asked, --yes is named, and nothing at all is called',
    async (settings) => {
      const { exitCode, stderr, calls } = await paying.line('send bob@example.com 10 EUR', settings);
      expect([exitCode, calls]).toEqual([2, []]);
      expect(stderr).toContain('--yes is needed');
    },
  );

  test('what lacks is shown and refused by the service before anybody is asked', async () => {
    const { exitCode, ...written } = await paying.line('send bob@example.com 500 EUR', { keys: ['y\r'] });
    const stderr = stripVTControlCharacters(written.stderr);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Warning: This takes 500.00 EUR and 100.00 EUR is available now.');
    expect(stderr).toContain('This takes 500.00 EUR and 100.00 EUR is available.\nNext: okpay deposit\n');
    expect(stderr).not.toContain('Send it?');
  });

  test('a fee above --max-fee is refused before anybody is asked', async () => {
    await fees(100);
    const refused = await paying.line('send bob@example.com 10 EUR --max-fee 0.14', { keys: ['y\r'] });
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain(
      'The fee is 0.15 EUR and you allowed at most 0.14 EUR. Nothing was sent.',
    );
    expect(refused.stderr).not.toContain('Send it?');
    expect((await paying.line('send bob@example.com 10 EUR --max-fee 0.14 --yes')).exitCode).toBe(3);
    expect(paying.open()).toEqual([]);
    expect((await paying.line('send bob@example.com 10 EUR --max-fee 0.15 --yes')).exitCode).toBe(0);
  });
});

describe('--dry-run', () => {
  test('decides everything, says that nothing was sent, and sends nothing', async () => {
    const { exitCode, stdout } = await paying.line('send bob@example.com 10 EUR --dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Dry run: nothing was sent.');
    expect(stdout).toContain('You pay:     10.00 EUR');
    expect([await paying.payments(), paying.open()]).toEqual([0, []]);
    expect(document(await paying.line('send bob@example.com 10 EUR --dry-run --json'))).toMatchObject({
      state: 'dry_run',
      paid: { amount: '10.00' },
    });
  });

  test('refuses as the real thing would', async () => {
    const { exitCode, stderr } = await paying.line('send bob@example.com 101 EUR --dry-run');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('This takes 101.00 EUR and 100.00 EUR is available.');
  });
});

describe('bad input ends in one clear sentence, exit 2, before anything is called', () => {
  const NOT_AN_AMOUNT = (text: string, example = '12.50') =>
    `“${text}” is not an amount. Write plain digits with a point, such as ${example}.`;
  test.each([
    ['-1', 'EUR', NOT_AN_AMOUNT('-1')],
    ['-0.5', 'EUR', NOT_AN_AMOUNT('-0.5')],
    ['0', 'EUR', 'The amount must be more than zero.'],
    ['0.00', 'EUR', 'The amount must be more than zero.'],
    ['NaN', 'EUR', NOT_AN_AMOUNT('NaN')],
    ['Infinity', 'EUR', NOT_AN_AMOUNT('Infinity')],
    ['1e3', 'EUR', NOT_AN_AMOUNT('1e3')],
    ['0x10', 'EUR', NOT_AN_AMOUNT('0x10')],
    ['1,00', 'EUR', NOT_AN_AMOUNT('1,00')],
    ['1_000', 'EUR', NOT_AN_AMOUNT('1_000')],
    ['٣', 'EUR', NOT_AN_AMOUNT('٣')],
    ['１２', 'EUR', NOT_AN_AMOUNT('１２')],
    ['+5', 'EUR', NOT_AN_AMOUNT('+5')],
    ['', 'EUR', NOT_AN_AMOUNT('')],
    ['0.001', 'EUR', 'EUR has at most 2 decimals, and “0.001” has 3.'],
    ['1.5', 'JPY', 'JPY has no decimals, and “1.5” has 1.'],
    ['9223372036854775808', 'JPY', '“9223372036854775808” is larger than any amount the ledger can hold.'],
    ['9'.repeat(40), 'EUR', NOT_AN_AMOUNT('9'.repeat(40))],
    ['1', 'DEM', '“DEM” is not an active ISO 4217 currency code. Examples: EUR, USD, JPY.'],
    ['1', 'HRK', '“HRK” is not an active ISO 4217 currency code. Examples: EUR, USD, JPY.'],
    ['1', 'XYZ', '“XYZ” is not an active ISO 4217 currency code. Examples: EUR, USD, JPY.'],
    ['1', '€', '“€” is not an active ISO 4217 currency code. Examples: EUR, USD, JPY.'],
    ['1', '__proto__', '“__proto__” is not an active ISO 4217 currency code. Examples: EUR, USD, JPY.'],
  ])('%s %s', async (amount, currency, sentence) => {
    const { exitCode, stdout, stderr, calls } = await paying.okpay([
      'send',
      'bob@example.com',
      amount,
      currency,
      '--yes',
    ]);
    expect([exitCode, stdout, calls]).toEqual([2, '', []]);
    expect(stderr.split('\n')[0]).toBe(sentence);
  });

  test.each([
    [['send'], 'Say who is to be paid, how much, and in which currency: bob@example.com 12.50 EUR.'],
    [
      ['send', 'bob@example.com'],
      'Say who is to be paid, how much, and in which currency: bob@example.com 12.50 EUR.',
    ],
    [['send', 'bob@example.com', '12.50'], 'Say in which currency: 12.50 EUR.'],
    [
      ['send', 'bob@example.com', '1', 'EUR', '--quote', 'quo_1'],
      'A quote says who is paid and how much: give --quote alone, or who and how much.',
    ],
    [
      ['send', '--quote', 'quo_1', '--fee-from', 'recipient'],
      "Option '--quote <id>' cannot be used with option '--fee-from <who>'.",
    ],
    [['send', 'bob@example.com', '1', 'EUR', '--max-fee', '-1'], NOT_AN_AMOUNT('-1')],
    [
      ['send', 'bob@example.com', '1', 'EUR', '--note', 'x'.repeat(141)],
      'The note has 141 characters; 140 is the most (--note).',
    ],
    [
      ['send', 'bob@example.com', '1', 'EUR', '--idempotency-key', 'two words'],
      'A key is 1 to 255 visible ASCII characters, without blanks (--idempotency-key).',
    ],
    [
      ['send', 'bob@example.com', '1', 'EUR', '--idempotency-key', ''],
      'A key is 1 to 255 visible ASCII characters, without blanks (--idempotency-key).',
    ],
  ])('%j', async (words, sentence) => {
    const { exitCode, stderr, calls } = await paying.okpay([...words, '--yes']);
    expect([exitCode, calls]).toEqual([2, []]);
    expect(stderr.split('\n')[0]).toBe(sentence);
  });
});

describe('who cannot be paid', () => {
  test.each([
    ['alice@example.com', 3, 'You cannot send money to your own account.'],
    ['nobody@example.com', 5, 'There is no verified holder or saved payee “nobody@example.com”.'],
    ['Nobody', 5, 'There is no verified holder or saved payee “Nobody”.'],
    ['dave@example.com', 5, 'There is no verified holder or saved payee “dave@example.com”.'],
    ['not@an@address', 2, undefined],
  ])('%s: exit %i', async (to, expected, sentence) => {
    await paying.harness.call('register', {
      email: 'dave@example.com',
      displayName: 'Dave',
      password: 'correct horse battery',
    });
    const { exitCode, stdout, stderr } = await paying.okpay(['send', to, '1', 'EUR', '--yes']);
    expect([exitCode, stdout]).toEqual([expected, '']);
    if (sentence !== undefined) expect(stderr.split('\n')[0]).toBe(sentence);
    expect(await paying.payments()).toBe(0);
  });
});

describe('--quote', () => {
  test('pays exactly the quote, once', async () => {
    const priced = await quote(paying.alice, paying.bob.email, '10 EUR');
    await fees(500);
    expect(document(await paying.okpay(['send', '--quote', priced.id, '--yes', '--json']))).toMatchObject({
      quote: priced.id,
      fee: { amount: '0.00' },
    });
    const again = await paying.okpay(['send', '--quote', priced.id, '--yes']);
    expect(again.exitCode).toBe(6);
    expect(again.stderr).toContain('This quote was already used: each quote pays once.');
    const asked = await paying.okpay(['send', '--quote', priced.id], { keys: ['y\r'] });
    expect([asked.exitCode, asked.stderr.includes('Send it?')]).toEqual([6, false]);
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('that has expired moves nothing: exit 7', async () => {
    const priced = await quote(paying.alice, paying.bob.email, '10 EUR');
    paying.harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
    for (const flag of ['--yes', '--dry-run']) {
      const { exitCode, stderr } = await paying.okpay(['send', '--quote', priced.id, flag]);
      expect(exitCode).toBe(7);
      expect(stderr).toContain('Nothing was sent.');
    }
    expect([await paying.payments(), paying.open()]).toEqual([0, []]);
  });

  test('of somebody else, or tampered with, is not there: exit 5', async () => {
    const { id } = await quote(paying.bob, paying.carol.email, '10 EUR');
    const swapped = id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
    for (const each of [id, swapped, 'quo_', 'x']) {
      const { exitCode, stderr } = await paying.okpay(['send', '--quote', each, '--yes']);
      expect([exitCode, stderr.split('\n')[0]]).toEqual([5, `There is no quote “${each}” that you can see.`]);
    }
  });
});

describe('--idempotency-key', () => {
  const words = (amount = '10', to = 'bob@example.com', currency = 'EUR') =>
    `send ${to} ${amount} ${currency} --idempotency-key salary/2026-11 --yes --json`;

  test('pays once, however often it is asked, and from wherever', async () => {
    const first = document(await paying.line(words()));
    const again = document(await paying.line(words()));
    expect(again).toMatchObject({ id: first['id'], key: 'salary/2026-11', fromEarlier: true });
    const elsewhere = await paying.line(words(), { home: `${paying.home}-elsewhere` });
    expect(document(elsewhere)).toMatchObject({ id: first['id'] });
    const told = await paying.line(words().replace(' --json', ''));
    expect(told.stderr).toContain(
      'This key has been used for this before. This is the outcome; nothing was sent now.',
    );
    expect(await paying.payments()).toBe(1);
  });

  test.each([
    ['amount', 'send bob@example.com 11 EUR'],
    ['to', 'send carol@example.com 10 EUR'],
    ['currency', 'send bob@example.com 10 USD'],
    ['feeFrom', 'send bob@example.com 10 EUR --fee-from recipient'],
    ['note', 'send bob@example.com 10 EUR --note x'],
  ])('with another %s names it: exit 6, nothing done', async (field, line) => {
    await paying.line(words());
    const { exitCode, stderr } = await paying.line(`${line} --idempotency-key salary/2026-11 --yes`);
    expect([exitCode, stderr.split('\n')[0]]).toEqual([
      6,
      `This Idempotency-Key was used before with another “${field}”. Nothing was done.`,
    ]);
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('that was refused stays refused', async () => {
    expect((await paying.line(words('500'))).exitCode).toBe(3);
    await fund(paying.harness, paying.alice, '1000');
    expect((await paying.line(words('500'))).exitCode).toBe(3);
    expect(await paying.payments()).toBe(0);
  });

  test('is not spent by a dry run', async () => {
    expect((await paying.line(`${words()} --dry-run`)).exitCode).toBe(0);
    expect((await paying.line(words())).exitCode).toBe(0);
    expect((await paying.line(`${words().replace(' --json', '')} --dry-run`)).stderr).toContain('already');
    expect(await paying.payments()).toBe(1);
  });
});

test('two sends of the same, both answered, are two payments', async () => {
  await paying.line('send bob@example.com 10 EUR --yes');
  await paying.line('send bob@example.com 10 EUR --yes');
  expect(await paying.payments()).toBe(2);
  await send(paying.alice, paying.bob.email, '1 EUR');
});

test('without a login: exit 4', async () => {
  const { exitCode } = await paying.line('send bob@example.com 10 EUR --yes', {
    environment: { OKPAY_TOKEN: '' },
  });
  expect(exitCode).toBe(4);
});
