import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/contract/schemas.ts';
import { Tally } from '../../../src/service/ledger/audit/tally.ts';
import { eachEngine } from '../../harness.ts';
import { capture, deposit, hold, newBookOn, release, send, type Book } from './new-book.ts';

eachEngine((engine) => {
  let book: Book;
  /** What the rows of the small book are called. */
  let ids: Record<'deposit' | 'sent' | 'quoted' | 'captured' | 'pending' | 'posted' | 'voided', string>;

  beforeEach(async () => {
    book = await newBookOn(engine);
    const [first, sent] = [deposit(book, 'alice', 10_000n), send(book, 'alice', 'bob', 1_000n, { fee: 15n })];
    const quoted = send(book, 'alice', 'bob', 500n, { quote: 'quo_1', key: 'quoted' });
    const [pending, posted, voided] = [100n, 200n, 300n].map((amount) => hold(book, 'alice', amount));
    const captured = capture(book, posted?.id ?? '', 'alice', 'carol', 150n);
    const intents = [first, sent, quoted, pending, posted, voided, captured];
    for (const intent of intents) if (intent) await book.post(intent);
    await book.post(release(book, voided?.id ?? '', 'alice', 'voided'));
    await book.post(deposit(book, 'bob', 77n, { currency: 'JPY' }));
    await book.post(send(book, 'alice', 'bob', 1_000_000n));
    ids = {
      deposit: first.id,
      sent: sent.id,
      quoted: quoted.id,
      captured: captured.id,
      pending: pending?.id ?? '',
      posted: posted?.id ?? '',
      voided: voided?.id ?? '',
    };
  });
  afterEach(() => book.close());

  /** Changes rows past every constraint; `{sent}` stands for the id of that transfer. */
  const tamper = (sql: string) =>
    book.tamper(sql.replace(/\{(\w+)\}/g, (_, name: string) => ids[name as keyof typeof ids]));

  test('a book that nobody touched is sound, and the counts are said', async () => {
    expect(await book.audit()).toEqual({
      sound: true,
      transfers: 5,
      entries: 11,
      accounts: 7,
      holds: 1,
      currencies: [
        { currency: 'EUR', sum: '0.00' },
        { currency: 'JPY', sum: '0' },
      ],
      findings: [],
    });
  });

  test('a transfer that is not what its quote said is found, one that is is not', async () => {
    const quoteOf = (fee: bigint, receiveCurrency = 'EUR') =>
      `INSERT INTO quotes (id, owner, kind, recipient, fee_from, currency, receive_currency, paid, fee, received, warnings,
        created_at, expires_at) VALUES ('quo_1', 'x', 'transfer', 'y', 'sender', 'EUR', '${receiveCurrency}', ${500n + fee},
        ${fee}, 500, '[]', '', '')`;
    await tamper(quoteOf(0n));
    expect((await book.audit()).sound).toBe(true);
    await tamper(`DELETE FROM quotes`);
    await tamper(quoteOf(1n));
    expect((await book.audit()).findings).toEqual([
      `Transfer ${ids.quoted} is not what quote quo_1 said: 5.01 EUR paid, 0.01 EUR charged, 5.00 EUR received.`,
    ]);
    await tamper(`DELETE FROM quotes`);
    await tamper(quoteOf(0n, 'JPY'));
    expect((await book.audit()).findings).toEqual([
      `Transfer ${ids.quoted} is not what quote quo_1 said: 5.00 EUR paid, 0.00 EUR charged, 500 JPY received.`,
    ]);
  });

  test('an empty book is sound', async () => {
    const empty = await newBookOn(engine);
    const found = await empty.audit();
    expect(found).toMatchObject({ sound: true, transfers: 0, entries: 0, currencies: [] });
    await empty.close();
  });

  test('intents that only let go of holds are at home too, also several holds at once', async () => {
    const holds = [1n, 2n, 3n].map((amount) => hold(book, 'alice', amount, { endsAt: book.clock.ms + 1 }));
    await Promise.all(holds.map(book.post));
    book.clock.ms += 1;
    const [first, ...others] = holds.map(
      (made) => release(book, made.id, 'alice', 'expired').resolveHolds ?? [],
    );
    for (const resolveHolds of [first, others.flat()])
      await book.post({
        ...release(book, '', 'alice', 'expired'),
        id: book.newId('transfer'),
        resolveHolds: resolveHolds ?? [],
      });
    expect((await book.audit()).findings).toEqual([]);
  });

  describe('what was tampered with is found, and the finding names the row', () => {
    const alice = `(SELECT id FROM accounts WHERE name = 'holder:alice:EUR')`;
    const cases: [what: string, sql: string, ...findings: RegExp[]][] = [
      [
        'an amount',
        `UPDATE entries SET amount = amount + 1, balance_after = balance_after + 1 WHERE transfer = '{deposit}' AND line = 2`,
        /entries of transfer \{deposit\} sum to 0.01 EUR, not to zero/,
        /\{deposit\} says that 100.00 EUR was received; its entries say 100.01 EUR/,
        /Entry 1 of transfer \{sent\} begins at 100.00 EUR, but holder:alice:EUR stood at 100.01 EUR/,
      ],
      [
        'an amount without its balance',
        `UPDATE entries SET amount = amount - 1 WHERE transfer = '{deposit}' AND line = 2`,
        /Entry 2 of transfer \{deposit\} adds 99.99 EUR to 0.00 EUR and says 100.00 EUR/,
      ],
      [
        'two amounts of one transfer, still summing to zero',
        `UPDATE entries SET amount = amount * 2, balance_after = balance_before + amount * 2 WHERE transfer = '{deposit}'`,
        /\{deposit\} says that 100.00 EUR was paid; its entries say 200.00 EUR/,
      ],
      [
        'a fee that the entries do not charge',
        `UPDATE transfers SET fee = 16 WHERE id = '{sent}'`,
        /\{sent\} says that 0.16 EUR was charged; its entries say 0.15 EUR/,
      ],
      [
        'a transfer sent to somebody else',
        `UPDATE transfers SET to_account = ${alice} WHERE id = '{deposit}'; UPDATE transfers SET to_account = ${alice} WHERE id = '{sent}'`,
        /\{sent\} says that 0.15 EUR was paid away; its entries say 10.15 EUR/,
      ],
      [
        'a transfer received by somebody else',
        `UPDATE transfers SET to_account = (SELECT id FROM accounts WHERE name = 'holder:carol:EUR') WHERE id = '{sent}'`,
        /\{sent\} says that 10.00 .* was received; its entries say 0/,
      ],
      [
        'a missing entry',
        `DELETE FROM entries WHERE transfer = '{sent}' AND line = 1`,
        /entries of transfer \{sent\} sum to 10.15 EUR/,
        /holder:alice:EUR has no entry number 2: after 1 comes 3/,
        /holder:alice:EUR says that it has 4 entries and has 3/,
      ],
      [
        'a transfer with one entry',
        `DELETE FROM entries WHERE transfer = '{deposit}' AND line = 1`,
        /\{deposit\} has 1 entries; a transfer has two or more/,
      ],
      [
        'entries without their transfer',
        `DELETE FROM transfers WHERE id = '{sent}'`,
        /There are 3 entries of transfer \{sent\}, which does not exist/,
        /Key key-\{sent\} of alice was done as transfer \{sent\}, which does not exist/,
      ],
      [
        'entries beyond the last transfer',
        `INSERT INTO entries VALUES ('trf_zz', 1, ${alice}, 99, 1, 0, 1)`,
        /There are 1 entries of transfer trf_zz, which does not exist/,
        /after 4 comes 99/,
      ],
      [
        'an entry in an account that is not there',
        `UPDATE entries SET account = 999 WHERE transfer = '{sent}' AND line = 3`,
        /Entry 3 of transfer \{sent\} is in account 999, which does not exist/,
      ],
      [
        'two entries of one number',
        `UPDATE entries SET seq = 2 WHERE account = ${alice} AND seq = 3`,
        /Entry 1 of transfer \{quoted\} has number 2 in holder:alice:EUR, which another entry has too/,
        /no entry number 3/,
      ],
      [
        'numbers in another order',
        `UPDATE entries SET seq = 5 - seq WHERE account = ${alice} AND seq IN (2, 3)`,
        /Entry 1 of transfer \{quoted\} begins at 89.85 EUR, but holder:alice:EUR stood at 100.00 EUR/,
      ],
      [
        'a balance before',
        `UPDATE entries SET balance_before = 0 WHERE transfer = '{quoted}' AND line = 1`,
        /Entry 1 of transfer \{quoted\} begins at 0.00 EUR, but holder:alice:EUR stood at 89.85 EUR/,
      ],
      [
        'a balance',
        `UPDATE accounts SET balance = balance + 100 WHERE name = 'holder:bob:EUR'`,
        /holder:bob:EUR says that its balance is 16.00 EUR; its entries say 15.00 EUR/,
        /All balances in EUR sum to 1.00 EUR, not to zero/,
      ],
      [
        'two balances, still summing to zero',
        `UPDATE accounts SET balance = balance + 100 WHERE name = 'holder:bob:EUR'; UPDATE accounts SET balance = balance - 100 WHERE name = 'holder:alice:EUR'`,
        /holder:bob:EUR says that its balance/,
        /holder:alice:EUR says that its balance/,
      ],
      [
        'a count of entries',
        `UPDATE accounts SET entries = entries + 1 WHERE name = 'fees:EUR'`,
        /fees:EUR says that it has 2 entries and has 1/,
      ],
      [
        'an account of no currency',
        `UPDATE accounts SET currency = 'XYZ' WHERE name = 'fees:EUR'`,
        /fees:EUR is in “XYZ”, which is no currency/,
        /entries of transfer \{sent\} sum to -0.15 EUR/,
        /entries of transfer \{sent\} sum to 15 minor units of an unknown currency/,
      ],
      [
        'what is held',
        `UPDATE accounts SET held = 0 WHERE name = 'holder:alice:EUR'`,
        /holder:alice:EUR says that 0.00 EUR is held; its pending holds say 1.00 EUR/,
      ],
      [
        'a hold of an account that is not there',
        `UPDATE holds SET account = 999 WHERE id = '{pending}'`,
        /Hold \{pending\} is in account 999, which does not exist/,
        /is held; its pending holds say 0.00 EUR/,
      ],
      [
        'a hold let go without saying so',
        `UPDATE holds SET state = 'voided' WHERE id = '{pending}'`,
        /Hold \{pending\} is voided and was resolved by nothing/,
      ],
      [
        'a posted hold that no transfer took',
        `UPDATE holds SET resolved_by = 'trf_none' WHERE id = '{posted}'`,
        /Hold \{posted\} was posted by trf_none, which is no transfer/,
      ],
      [
        'a hold that was posted when it had expired',
        `UPDATE holds SET expires_at = resolved_at WHERE id = '{posted}'`,
        /Hold \{posted\} was posted at 2026-11-23T12:00:00.000Z, and its time ended at 2026-11-23T12:00:00.000Z/,
      ],
      [
        'a hold that expired before its time',
        `UPDATE holds SET state = 'expired' WHERE id = '{voided}'`,
        /Hold \{voided\} was expired at 2026-11-23T12:00:00.000Z, and its time never ends/,
      ],
      [
        'a floor',
        `UPDATE accounts SET floor = 999999 WHERE name = 'holder:alice:EUR'`,
        /holder:alice:EUR has 82.35 EUR available, below its floor of 9999.99 EUR/,
      ],
      [
        'a holder without a floor',
        `UPDATE accounts SET floor = NULL WHERE name = 'holder:alice:EUR'`,
        /holder:alice:EUR belongs to a holder and has no floor/,
      ],
      [
        'a transfer without its key',
        `DELETE FROM idempotency WHERE id = '{sent}'`,
        /Transfer \{sent\} has no idempotency row/,
      ],
      [
        'a key that turned into a refusal',
        `UPDATE idempotency SET refusal = '{}' WHERE id = '{sent}'`,
        /Transfer \{sent\} has no idempotency row/,
      ],
      [
        'a refusal that turned into a done key',
        `UPDATE idempotency SET refusal = NULL WHERE refusal IS NOT NULL`,
        /Key key-trf_\w+ of alice was done as transfer trf_\w+, which does not exist/,
      ],
      [
        'a key that names the transfer of another',
        `UPDATE idempotency SET id = '{sent}' WHERE id = '{quoted}'`,
        /Transfer \{quoted\} has no idempotency row/,
        /Transfer \{sent\} has 2 idempotency rows/,
      ],
      [
        'a quote that can be used again',
        `DELETE FROM guards WHERE name = 'quote:quo_1'`,
        /Transfer \{quoted\} used quote quo_1, but its guard does not exist/,
      ],
      [
        'a guard of a quote set back',
        `UPDATE guards SET value = 0 WHERE name = 'quote:quo_1'`,
        /Guard quote:quo_1 is 0, and can only be 1/,
      ],
      [
        'a guard of a quote that no transfer used',
        `INSERT INTO guards VALUES ('quote:quo_2', 1, 'trf_none')`,
        /Guard quote:quo_2 was used by trf_none, which is no transfer/,
      ],
      [
        'a guard of a quote that its transfer did not use',
        `INSERT INTO guards VALUES ('quote:quo_2', 1, '{sent}')`,
        /Guard quote:quo_2 was used by transfer \{sent\}, which used no quote/,
      ],
      [
        'two transfers of one quote',
        `UPDATE transfers SET quote = 'quo_1' WHERE id = '{sent}'`,
        /Transfer \{sent\} used quote quo_1, but its guard says \{quoted\}/,
      ],
      [
        'a suspense item given away without a transfer',
        `INSERT INTO guards VALUES ('suspense:{deposit}', 1, 'trf_none')`,
        /Guard suspense:\{deposit\} was used by trf_none, which is no transfer/,
      ],
    ];

    test.for(cases)('%s', async ([, sql, ...expected]) => {
      await tamper(sql);
      const { sound, findings } = await book.audit();
      expect(sound).toBe(false);
      for (const each of expected) {
        const pattern = each.source.replace(
          /\\\{(\w+)\\\}/g,
          (_, name: string) => ids[name as keyof typeof ids],
        );
        expect(findings.join('\n')).toMatch(new RegExp(pattern));
      }
    });
  });

  test('no more findings are listed than fit, and the rest is counted', async () => {
    await Promise.all(Array.from({ length: 300 }, () => book.post(deposit(book, 'alice', 1n))));
    await tamper(`UPDATE transfers SET fee = fee + 1`);
    const { findings } = await book.audit();
    expect(findings).toHaveLength(LIMITS.findings + 1);
    expect(findings.at(-1)).toBe('There are 205 more findings like these.');
  });

  test('entries whose ids come in another order than they were made are a whole chain', async () => {
    const intents = Array.from({ length: 3_000 }, () => deposit(book, 'alice', 1n));
    await Promise.all(intents.reverse().map(book.post));
    expect(await book.audit()).toMatchObject({ sound: true, transfers: 3_005, entries: 6_011 });
  });

  test('more disorder than is kept in memory is read in its own order, and is sound all the same', async () => {
    const intents = Array.from({ length: 21_000 }, () => deposit(book, 'dora', 1n)).reverse();
    for (let at = 0; at < intents.length; at += 10_000)
      await Promise.all(intents.slice(at, at + 10_000).map(book.post));
    expect(await book.audit()).toMatchObject({ sound: true, transfers: 21_005, findings: [] });
    await tamper(
      `UPDATE entries SET seq = 30000 WHERE account = (SELECT id FROM accounts WHERE name = 'holder:dora:EUR') AND seq = 7`,
    );
    expect((await book.audit()).findings[0]).toMatch(
      /holder:dora:EUR has no entry number 7: after 6 comes 8/,
    );
  });

  test('sees one moment while the service goes on writing', async () => {
    await Promise.all(Array.from({ length: 4_000 }, () => book.post(deposit(book, 'alice', 1n))));
    const before = await book.audit();
    let stop = false;
    const writing = (async () => {
      let posted = 0;
      for (; !stop; posted += 20)
        await Promise.all(
          Array.from({ length: 20 }, (_, at) => book.post(send(book, 'alice', `u${at}`, 1n, { fee: 1n }))),
        );
      return posted;
    })();
    const [first, second] = [await book.audit(), await book.audit()];
    stop = true;
    expect(await writing).toBeGreaterThan(100);
    expect(first).toMatchObject({ sound: true, findings: [] });
    expect(second).toMatchObject({ sound: true, findings: [] });
    expect(first.transfers).toBeGreaterThanOrEqual(before.transfers);
    expect(second.transfers).toBeGreaterThan(first.transfers);
  });

  test('a snapshot that was left open does not keep the database from closing', async () => {
    const other = await newBookOn(engine);
    const snapshot = await other.engine.openSnapshot();
    await other.close();
    await expect(snapshot.one('SELECT 1')).rejects.toThrow();
    await snapshot.close();
  });
});

describe('Tally', () => {
  const tallyOf = (...texts: string[]) => {
    const tally = new Tally();
    for (const text of texts) tally.add(text);
    return tally;
  };

  test('does not care for order, and does for everything else', () => {
    expect(tallyOf('a', 'b', 'c').equals(tallyOf('c', 'a', 'b'))).toBe(true);
    expect(tallyOf('a', 'b').equals(tallyOf('a', 'c'))).toBe(false);
    expect(tallyOf('a', 'b').equals(tallyOf('a', 'a'))).toBe(false);
    expect(tallyOf('a', 'a').equals(tallyOf('b', 'b'))).toBe(false);
    expect(tallyOf('ab').equals(tallyOf('a', 'b'))).toBe(false);
  });

  test('notices one changed letter among thousands of ids', () => {
    const ids = Array.from({ length: 500 }, (_, at) => `trf_01m844dzg0${at.toString(32).padStart(16, '0')}`);
    const whole = tallyOf(...ids);
    for (const [at, id] of ids.entries()) {
      const letter = 5 + (at % (id.length - 5));
      const changed = `${id.slice(0, letter)}${id[letter] === 'z' ? 'y' : 'z'}${id.slice(letter + 1)}`;
      expect(whole.equals(tallyOf(...ids.with(at, changed)))).toBe(false);
    }
  });
});
