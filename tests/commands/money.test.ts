import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fund, pay, quote, send } from '../service/money/wallet.ts';
import { TRANSFER_QUOTE_LIFE_MS } from '../../src/service/payments/make-quote.ts';
import { document, openPaying, type Paying } from './paying.ts';

// Days and times are shown in the local zone.
process.env['TZ'] = 'UTC';

let paying: Paying;
beforeEach(async () => {
  paying = await openPaying();
  await fund(paying.harness, paying.alice, '100');
});
afterEach(() => paying.close());

describe('okpay quote', () => {
  test('prices a payment, warns, and says how to pay it', async () => {
    const { exitCode, stdout } = await paying.line('quote bob@example.com 12.50 EUR');
    expect(exitCode).toBe(0);
    const [, id] = /okpay send --quote (quo_\w+)/.exec(stdout) ?? [];
    expect(stdout).toBe(
      [
        'To:          Bob Example (bob@example.com)',
        'You pay:     12.50 EUR',
        'Fee:         none',
        'They get:    12.50 EUR',
        'Price holds: until 2026-03-02 09:05 +00:00 (in 5 minutes)',
        'Warning: You have never paid bob@example.com before.',
        `Pay it: okpay send --quote ${id}`,
        '',
      ].join('\n'),
    );
    expect((await paying.okpay(['send', '--quote', id ?? '', '--yes'])).exitCode).toBe(0);
  });

  test('shows one again by its id: open, used, expired', async () => {
    const [first, second] = [
      await quote(paying.alice, paying.bob.email, '1 EUR'),
      await quote(paying.alice, paying.bob.email, '2 EUR'),
    ];
    expect((await paying.okpay(['quote', first.id])).stdout).toContain(`okpay send --quote ${first.id}`);
    const { id } = await pay(paying.alice, first);
    expect((await paying.okpay(['quote', first.id])).stdout).toContain(
      `Price holds: no more: it was used by ${id}`,
    );
    paying.harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1_000);
    const { stdout } = await paying.okpay(['quote', second.id]);
    expect(stdout).toContain('Expired:  2026-03-02 09:05');
    expect(stdout).not.toContain('okpay send');
    expect(document(await paying.okpay(['quote', second.id, '--json']))).toMatchObject({ state: 'expired' });
  });

  test.each(['0', '-1', '1.001', 'ten'])('refuses %s before anything is called: exit 2', async (amount) => {
    const { exitCode, calls } = await paying.okpay(['quote', 'bob@example.com', amount, 'EUR']);
    expect([exitCode, calls]).toEqual([2, []]);
  });
});

describe('okpay history', () => {
  const rows = async (line: string) =>
    document<{ transfers: { note?: string; received: { amount: string } }[] }>(
      await paying.line(`history ${line} --json`),
    ).transfers.map(({ received }) => received.amount);

  beforeEach(async () => {
    const { alice, bob, carol, harness } = paying;
    await fund(harness, bob, '50');
    for (const [from, to, amount] of [
      [alice, bob, '1.00'],
      [alice, carol, '2.00'],
      [bob, alice, '3.00'],
    ] as const) {
      harness.clock.advance(24 * 3_600_000);
      await send(from, to.email, `${amount} EUR`);
    }
  });

  test('shows the newest first, which way, how much and what was left', async () => {
    const { exitCode, stdout } = await paying.line('history');
    expect(exitCode).toBe(0);
    expect(stdout.replace(/trf_\w+/g, 'ID').replace(/ +/g, ' ')).toBe(
      [
        'When What Amount Of it fee Balance after Transfer',
        '2026-03-05 09:00 from Bob Example +3.00 EUR 100.00 EUR ID',
        '2026-03-04 09:00 to Carol Example -2.00 EUR 97.00 EUR ID',
        '2026-03-03 09:00 to Bob Example -1.00 EUR 99.00 EUR ID',
        '2026-03-02 09:00 deposit +100.00 EUR 100.00 EUR ID',
        '',
      ].join('\n'),
    );
  });

  test.each([
    ['--in', ['3.00', '100.00']],
    ['--out', ['2.00', '1.00']],
    ['--kind deposit', ['100.00']],
    ['--kind transfer --in', ['3.00']],
    ['--with bob@example.com', ['3.00', '1.00']],
    ['--with carol@example.com --out', ['2.00']],
    ['--currency EUR --limit 1', ['3.00']],
    ['--currency USD', []],
    ['--since 2026-03-04', ['3.00', '2.00']],
    ['--until 2026-03-03', ['1.00', '100.00']],
    ['--since 2026-03-03 --until 2026-03-03', ['1.00']],
    ['--since 2026-03-03T09:00:00Z --until 2026-03-04T10:00:00+01:00', ['1.00']],
  ])('%s', async (flags, expected) => {
    expect(await rows(flags)).toEqual(expected);
  });

  test('goes on page by page with the command it names, filters and all', async () => {
    const seen: string[] = [];
    let line = 'history --kind transfer --limit 1';
    for (let page = 0; page < 3; page++) {
      seen.push(...(await rows(line.replace('history ', ''))));
      const { stderr } = await paying.line(line);
      const next = /There is more: okpay (history .*)\n/.exec(stderr)?.[1];
      if (next === undefined) break;
      expect(next).toContain('--limit 1 --kind transfer --cursor trf_');
      line = next;
    }
    expect(seen).toEqual(['3.00', '2.00', '1.00']);
    expect((await paying.line(line)).stderr).toBe('');
  });

  test('fits into 80 columns, with every id whole', async () => {
    const { stdout } = await paying.line('history', { columns: 80, environment: { NO_COLOR: '1' } });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout.match(/trf_\w{26}/g)).toHaveLength(4);
    expect(stdout).toContain('Balance after');
  });

  test('becomes one block a payment in 40 columns', async () => {
    const { stdout } = await paying.line('history', { columns: 40, environment: { NO_COLOR: '1' } });
    for (const line of stdout.split('\n').filter((each) => !each.includes('trf_')))
      expect(line.length).toBeLessThanOrEqual(40);
    expect(stdout).toMatch(/Amount: +\+3\.00 EUR/);
  });

  test.each([
    [
      '--since 2026-02-30',
      '--since takes a day such as 2026-11-01 or a time such as 2026-11-01T09:30:00+01:00, not “2026-02-30”.',
    ],
    [
      '--until yesterday',
      '--until takes a day such as 2026-11-01 or a time such as 2026-11-01T09:30:00+01:00, not “yesterday”.',
    ],
    [
      '--since 2026-13-01T00:00:00Z',
      '--since takes a day such as 2026-11-01 or a time such as 2026-11-01T09:30:00+01:00, not “2026-13-01T00:00:00Z”.',
    ],
    ['--in --out', "Option '--out' cannot be used with option '--in'."],
    ['--limit 0', "Option '--limit <number>' argument '0' is invalid. It is a number from 1 to 100."],
    ['--limit 101', "Option '--limit <number>' argument '101' is invalid. It is a number from 1 to 100."],
    ['--limit 1e1', "Option '--limit <number>' argument '1e1' is invalid. It is a number from 1 to 100."],
  ])('%s: exit 2', async (flags, sentence) => {
    const { exitCode, stderr, calls } = await paying.line(`history ${flags}`);
    expect([exitCode, calls, stderr.split('\n')[0]]).toEqual([2, [], sentence]);
  });

  test('an empty one says so', async () => {
    expect((await paying.line('history --currency JPY')).stdout).toBe('Nothing here.\n');
  });
});

describe('okpay show', () => {
  test('a transfer, to both who took part and to nobody else', async () => {
    const { id } = await pay(paying.alice, await quote(paying.alice, paying.bob.email, '1 EUR'), {
      note: 'for\u001b[31m you',
    });
    const mine = await paying.okpay(['show', id]);
    expect(mine.stdout).toContain('You paid:      1.00 EUR');
    expect(mine.stdout).toContain('Note:          for‹U+001B›[31m you');
    expect(mine.stdout).toContain('Balance after: 99.00 EUR');
    const theirs = await paying.okpay(['show', id], { as: paying.bob });
    expect(theirs.stdout).toContain('You got:       1.00 EUR');
    expect(theirs.stdout).not.toContain('quo_');
    expect((await paying.okpay(['show', id], { as: paying.carol })).exitCode).toBe(5);
    expect(document(await paying.okpay(['show', id, '--json']))).toMatchObject({
      id,
      note: 'for\u001b[31m you',
    });
  });

  test('a quote', async () => {
    const { id } = await quote(paying.alice, paying.bob.email, '1 EUR');
    expect((await paying.okpay(['show', id])).stdout).toContain('They get:    1.00 EUR');
    expect((await paying.okpay(['show', id], { as: paying.bob })).exitCode).toBe(5);
  });

  test('anything else is a usage error', async () => {
    const { exitCode, stderr, calls } = await paying.okpay(['show', 'bob']);
    expect([exitCode, calls]).toEqual([2, []]);
    expect(stderr).toBe(
      '“bob” is not the id of a transfer (trf_…) or of a quote (quo_…).\nNext: okpay history\n',
    );
  });
});

describe('okpay why', () => {
  test('explains a payment, a refused one, and a quote', async () => {
    const priced = await quote(paying.alice, paying.bob.email, '1 EUR');
    const { id } = await pay(paying.alice, priced);
    expect((await paying.okpay(['why', id])).stdout).toContain(
      'Alice Example paid 1.00 EUR; Bob Example got 1.00 EUR',
    );
    expect((await paying.okpay(['why', priced.id])).stdout).toContain(
      `It was used by ${id}: a quote pays once.`,
    );
    const refused = await paying.line('send bob@example.com 500 EUR --yes --json');
    const { error } = document<{ error: { instance: string } }>(refused);
    const why = await paying.okpay(['why', error.instance]);
    expect(why.stdout).toContain('State:           refused');
    expect(why.stdout).toContain('Next: okpay deposit');
  });

  test('what nobody knows of: exit 5', async () => {
    expect((await paying.okpay(['why', 'trf_x'])).exitCode).toBe(5);
  });
});

describe('okpay payee', () => {
  test('add, list, remove', async () => {
    expect((await paying.line('payee list')).stdout).toBe(
      'Nobody is saved yet. To save somebody: okpay payee add NAME E-MAIL\n',
    );
    const added = await paying.okpay(['payee', 'add', 'My bob', 'bob@example.com']);
    expect(added.stdout).toBe('Bob Example (bob@example.com) is saved as My bob.\n');
    expect((await paying.line('payee list')).stdout).toMatch(/My bob +Bob Example +bob@example\.com/);
    expect((await paying.okpay(['payee', 'add', 'My bob', 'carol@example.com'])).exitCode).toBe(6);
    expect((await paying.okpay(['payee', 'add', 'me', 'alice@example.com'])).exitCode).toBe(3);
    expect((await paying.okpay(['payee', 'add', 'x', 'nobody@example.com'])).exitCode).toBe(5);
    expect((await paying.okpay(['payee', 'remove', 'My bob'])).stdout).toBe(
      'My bob is not saved any more.\n',
    );
    expect((await paying.okpay(['payee', 'remove', 'My bob'])).exitCode).toBe(5);
  });
});

test('okpay deposit shows the reference that says whose the money is', async () => {
  const { exitCode, stdout } = await paying.line('deposit');
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Your reference: RF/)]);
  const { reference } = document<{ reference: string }>(await paying.line('deposit --currency EUR --json'));
  expect(stdout).toContain(reference);
});
