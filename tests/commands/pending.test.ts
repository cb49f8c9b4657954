import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal, type RefusalCode } from '../../src/core/contract/refusals.ts';
import { openJournal, type OpenIntent, type SavedIntent } from '../../src/core/journal.ts';
import { TRANSFER_QUOTE_LIFE_MS } from '../../src/service/payments/make-quote.ts';
import { fund } from '../service/money/wallet.ts';
import { document, openPaying, type Between, type Paying } from './paying.ts';

const SEND = 'send bob@example.com 10 EUR --yes';
const OTHER = 'send carol@example.com 3 EUR --yes';

let paying: Paying;
beforeEach(async () => {
  paying = await openPaying();
  await fund(paying.harness, paying.alice, '100');
});
afterEach(() => paying.close());

const paysOnly =
  (fault: (reach: () => Promise<unknown>) => Promise<unknown>): Between =>
  (call, reach) =>
    call.operation === 'create-transfer' ? fault(reach) : reach();
/** The payment is made and the answer is lost on the way back. */
const lost = paysOnly(async (reach) => {
  await reach().catch(() => undefined);
  throw new Refusal('outcome_unknown');
});
/** The payment is lost on the way there. */
const neverArrived = paysOnly(async () => {
  throw new Refusal('outcome_unknown');
});
const answering = (code: RefusalCode) =>
  paysOnly(async () => {
    throw new Refusal(code, { reason: 'No okpay service answers.' });
  });
const read = (name: string) =>
  JSON.parse(readFileSync(join(paying.home, 'journal', name), 'utf8')) as SavedIntent;

describe('a payment whose answer is lost', () => {
  test('exit 10, the next command, and the intent is kept for the user alone', async () => {
    const { exitCode, stdout, stderr } = await paying.line(SEND, { between: lost });
    expect([exitCode, stdout]).toEqual([10, '']);
    expect(stderr).toContain('it is not known whether this was done');
    expect(stderr).toContain('Next: okpay pending');
    const [name = ''] = paying.open();
    expect(read(name)).toMatchObject({
      operation: 'create-transfer',
      key: name.replace(/^.*\/|\.json$/g, ''),
      account: { email: 'alice@example.com' },
      asked: {
        to: { email: 'bob@example.com' },
        amount: { amount: '10.00', currency: 'EUR' },
        feeFrom: 'sender',
      },
      figures: { youPay: { amount: '10.00' }, fee: { amount: '0.00' }, theyGet: { amount: '10.00' } },
    });
    const file = join(paying.home, 'journal', name);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  });

  test('the same command again is answered by it, and pays nothing more', async () => {
    await paying.line(SEND, { between: lost });
    const again = await paying.line(SEND);
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toBe(
      'An earlier send of this was interrupted. This is its outcome; nothing else was sent.\n',
    );
    expect(again.stdout).toContain('Sent 10.00 EUR to Bob Example (bob@example.com).');
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
    expect(document(await paying.line(`${SEND} --json`))).toMatchObject({ fromEarlier: false });
    expect(await paying.payments()).toBe(2);
  });

  test.each([
    ['another spelling of it', 'send BOB@EXAMPLE.COM EUR:10.00 --yes'],
    ['a payee that is the same person', 'send Bobby 10 EUR --yes'],
    ['a lower case currency', 'send bob@example.com 10.0 eur --yes'],
  ])('%s is the same payment', async (_name, line) => {
    await paying.line('payee add Bobby bob@example.com');
    await paying.line(SEND, { between: lost });
    expect(document(await paying.line(`${line} --json`))).toMatchObject({ fromEarlier: true });
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test.each([
    ['somebody else', 'send carol@example.com 10 EUR --yes'],
    ['another amount', 'send bob@example.com 10.01 EUR --yes'],
    ['another one to bear the fee', 'send bob@example.com 10 EUR --fee-from recipient --yes'],
    ['another note', 'send bob@example.com 10 EUR --note again --yes'],
    ['a key of its own', 'send bob@example.com 10 EUR --idempotency-key mine --yes'],
  ])('before %s is paid, it is settled and reported', async (_name, line) => {
    await paying.line(SEND, { between: lost });
    const [name = ''] = paying.open();
    const { key } = read(name);
    const next = await paying.line(line);
    expect(next.exitCode).toBe(0);
    expect(next.stderr).toMatch(
      /An earlier send was interrupted\. It is paid: 10\.00 EUR to Bob Example \(bob@example\.com\), trf_\w+\.\n/,
    );
    expect([await paying.payments(), paying.open()]).toEqual([2, []]);
    expect((await paying.okpay(['why', key])).stdout).toContain('State:');
  });

  test('--json tells what was settled on the way', async () => {
    await paying.line(SEND, { between: lost });
    expect(document(await paying.line(`${OTHER} --json`))).toMatchObject({
      fromEarlier: false,
      alsoSettled: [
        { state: 'done', asked: { to: { email: 'bob@example.com' } }, transfer: { state: 'done' } },
      ],
    });
  });
});

describe('a payment that never arrived', () => {
  test('is paid by the same command again, once, under the same key', async () => {
    await paying.line(SEND, { between: neverArrived });
    expect(await paying.payments()).toBe(0);
    const { key } = read(paying.open()[0] ?? '');
    expect(document(await paying.line(`${SEND} --json`))).toMatchObject({ key, fromEarlier: true });
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('when its quote has expired it provably never pays, and the same command pays anew', async () => {
    await paying.line(SEND, { between: neverArrived });
    const { key } = read(paying.open()[0] ?? '');
    paying.harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
    const again = await paying.line(SEND);
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain(
      'An earlier send of the same was interrupted. It was not paid and never will be: 10.00 EUR to Bob Example',
    );
    expect(await paying.payments()).toBe(1);
    expect(await paying.alice.client.call('get-intent', { key })).toMatchObject({
      state: 'refused',
      problem: { code: 'quote_expired' },
    });
  });

  test('with a fee above what is now allowed it is neither paid nor forgotten', async () => {
    const { client } = await paying.harness.staff('admin');
    await client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 100 });
    await paying.line(SEND, { between: neverArrived });
    const { exitCode } = await paying.line(`${SEND} --max-fee 0.05`);
    expect(exitCode).toBe(3);
    expect([await paying.payments(), paying.open().length]).toEqual([0, 1]);
  });
});

describe('while it cannot be settled', () => {
  test.each([
    ['outcome_unknown', 10],
    ['unexpected', 10],
    ['service_unreachable', 11],
    ['busy', 11],
    ['session_expired', 4],
    ['too_many_attempts', 3],
    ['idempotency_running', 8],
  ] as const)('%s: exit %i, it is kept, and nothing new is sent', async (code, expected) => {
    await paying.line(SEND, { between: lost });
    for (const line of [SEND, OTHER, 'pending']) {
      const { exitCode, stdout, stderr } = await paying.line(line, { between: answering(code) });
      expect([exitCode, stdout]).toEqual([expected, '']);
      expect(stderr).toContain('whether it was paid is not known yet: 10.00 EUR to Bob Example');
    }
    expect([await paying.payments(), paying.open().length]).toEqual([1, 1]);
    expect((await paying.line(SEND)).exitCode).toBe(0);
    expect(await paying.payments()).toBe(1);
  });

  test.each([
    ['service_unreachable', 11],
    ['busy', 11],
    ['session_expired', 4],
    ['insufficient_funds', 3],
  ] as const)(
    'a first call that ends in %s has done nothing, and leaves nothing: exit %i',
    async (code, expected) => {
      expect((await paying.line(SEND, { between: answering(code) })).exitCode).toBe(expected);
      expect(paying.open()).toEqual([]);
    },
  );

  test('a service that broke in the middle is an unknown outcome', async () => {
    expect((await paying.line(SEND, { between: answering('unexpected') })).exitCode).toBe(10);
    expect(paying.open()).toHaveLength(1);
    await paying.line('pending');
  });
});

describe('okpay pending', () => {
  test('says when there is nothing', async () => {
    expect((await paying.line('pending')).stdout).toBe('Nothing is pending.\n');
    expect(document(await paying.line('pending --json'))).toEqual({ settled: [] });
    expect(document(await paying.line('pending --list --json'))).toEqual({ pending: [], unreadable: [] });
  });

  test('settles what is open and says how it ended', async () => {
    await paying.line(SEND, { between: lost });
    const listed = await paying.line('pending --list');
    expect(listed.stdout).toMatch(
      /10\.00 EUR to Bob Example \(bob@example\.com\)\s+2026-03-02 \S+\s+interrupted\s+key_/,
    );
    expect(listed.calls).toEqual([]);
    expect(paying.open()).toHaveLength(1);
    const settled = await paying.line('pending --json');
    expect(document(settled)).toMatchObject({
      settled: [{ state: 'done', transfer: { paid: { amount: '10.00' } } }],
    });
    expect([settled.exitCode, paying.open()]).toEqual([0, []]);
    expect((await paying.line('pending')).stdout).toBe('Nothing is pending.\n');
  });

  test('says that an expired one was never paid', async () => {
    await paying.line(SEND, { between: neverArrived });
    paying.harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
    const { exitCode, stdout } = await paying.line('pending');
    expect([exitCode, stdout.includes('not paid, and never will be')]).toEqual([0, true]);
    expect([await paying.payments(), paying.open()]).toEqual([0, []]);
  });

  test('--abandon makes sure that one never pays', async () => {
    await paying.line(SEND, { between: neverArrived });
    const { key, input } = read(paying.open()[0] ?? '');
    const { exitCode, stdout } = await paying.okpay(['pending', '--abandon', key]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${key} can never pay any more.`);
    expect(paying.open()).toEqual([]);
    await expect(paying.alice.client.call('create-transfer', input, { key })).rejects.toMatchObject({
      code: 'intent_abandoned',
    });
    expect(await paying.payments()).toBe(0);
  });

  test('--abandon of one that has paid says so: exit 6', async () => {
    await paying.line(SEND, { between: lost });
    const { key } = read(paying.open()[0] ?? '');
    const { exitCode, stdout, stderr } = await paying.okpay(['pending', '--abandon', key]);
    expect([exitCode, stdout]).toEqual([6, '']);
    expect(stderr).toMatch(/has already paid, so it cannot be abandoned any more\.\nNext: okpay show trf_/);
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('leaves alone what belongs to another account or another service', async () => {
    await paying.line(SEND, { between: lost });
    const [name = ''] = paying.open();
    const asBob = await paying.line('pending', { as: paying.bob });
    expect(asBob.stderr).toContain('is a payment of alice@example.com: log in as them to settle it.');
    const elsewhere = { environment: { OKPAY_DATABASE_URL: 'sqlite:/elsewhere.db' } };
    expect((await paying.line('pending --list', elsewhere)).stdout).toBe('Nothing is pending.\n');
    await fund(paying.harness, paying.bob, '5');
    expect((await paying.line('send carol@example.com 1 EUR --yes', { as: paying.bob })).exitCode).toBe(0);
    expect(paying.open()).toEqual([name]);
    expect((await paying.line('pending')).exitCode).toBe(0);
    expect(paying.open()).toEqual([]);
  });
});

describe('a journal file that cannot be read', () => {
  const broken: [string, (file: string) => void][] = [
    ['cut off', (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100))],
    ['empty', (file) => writeFileSync(file, '')],
    [
      'of another version',
      (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 2')),
    ],
    ['a symbolic link', (file) => (rmSync(file), symlinkSync('/etc/passwd', file))],
    ['too large', (file) => writeFileSync(file, ' '.repeat(70_000))],
  ];
  test.each(broken)('%s: is named, stops every send, and is never dropped', async (_name, breaks) => {
    await paying.line(SEND, { between: lost });
    const file = join(paying.home, 'journal', paying.open()[0] ?? '');
    breaks(file);
    for (const line of [SEND, OTHER, 'pending']) {
      const { exitCode, stdout, stderr } = await paying.line(line);
      expect([exitCode, stdout]).toEqual([10, '']);
      expect(stderr).toContain(`“${file}”`);
      expect(stderr).toMatch(/Next: okpay why key_\w+\n/);
    }
    expect(document(await paying.line('pending --list --json'))).toMatchObject({
      unreadable: [{ path: file }],
    });
    expect([await paying.payments(), paying.open().length]).toEqual([1, 1]);
    rmSync(file);
    expect((await paying.line(OTHER)).exitCode).toBe(0);
  });
});

describe('another okpay at work', () => {
  const live = (line: string): Promise<OpenIntent> => {
    const { promise, resolve } = Promise.withResolvers<OpenIntent>();
    const journal = openJournal(paying.home, 'default', paying.harness.clock.now);
    void paying
      .line(line, { between: lost })
      .then(() => {
        const [name = ''] = paying.open();
        const path = join(paying.home, 'journal', name);
        return journal.claim({ path, intent: read(name) });
      })
      .then((open) => resolve(open as OpenIntent));
    return promise;
  };

  test('on something else is left alone', async () => {
    const open = await live(OTHER);
    const { exitCode, stderr } = await paying.line(SEND);
    expect([exitCode, stderr.includes('interrupted')]).toEqual([0, false]);
    expect((await paying.line('pending --list')).stdout).toContain('under way');
    expect((await paying.line('pending')).stdout).toBe('Nothing is pending.\n');
    expect(paying.open()).toHaveLength(1);
    open.close();
  });

  test('on the same, when it ends well, makes this one another payment', async () => {
    const open = await live(SEND);
    setTimeout(open.close, 300);
    const { exitCode, stderr } = await paying.line(SEND);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('is sending the same just now; waiting for it to finish.');
    expect(stderr).toContain('It has finished. This is another payment.');
    expect(await paying.payments()).toBe(2);
  });

  test('on the same, when it ends without an answer, makes this one the answer', async () => {
    const open = await live(SEND);
    setTimeout(open.leave, 300);
    expect(document(await paying.line(`${SEND} --json`))).toMatchObject({ fromEarlier: true });
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('on the same for long: exit 8, nothing sent', async () => {
    const open = await live(SEND);
    const { exitCode } = await paying.line(SEND);
    expect(exitCode).toBe(8);
    expect(await paying.payments()).toBe(1);
    open.close();
  });
});
