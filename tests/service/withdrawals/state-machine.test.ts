import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatMinor, parseAmount } from '../../../src/core/money.ts';
import { balanceByName } from '../../../src/service/ledger/read.ts';
import { MOVES, stateAfter } from '../../../src/service/withdrawals/moves.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, newKey, person, refusalOf } from '../money/wallet.ts';
import {
  batchAll,
  importLines,
  importReport,
  openPayouts,
  paidLine,
  returnedLine,
  statusReport,
  usableAccount,
  withdraw,
  type Withdrawal,
} from './payouts.ts';

/** Every state that holders can see, and every event that comes from outside. */
const STATES = Object.keys(MOVES).filter((state) => state !== 'begun');
const EVENTS = ['cancel', 'approve', 'reject', 'accept', 'fail', 'settle', 'return', 'batch'] as const;
/** Where the bank says what nobody expects, the book waits for what must have been before. */
const TWICE = [1, 2];

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    await fund(harness, alice, '500000');
    await openPayouts(harness);
    await usableAccount(harness, alice);
  });
  afterEach(() => harness.close());

  const stateOf = async ({ id }: { id: string }) =>
    (await alice.client.call('get-withdrawal', { withdrawal: id })).state;
  const decide = async ({ id }: Withdrawal, operation: 'approve-act' | 'refuse-act') => {
    const { client } = await person(harness, `decider${newKey()}`, 'senior');
    const { approval } = await client.call('look-at-withdrawal', { withdrawal: id, reason: 'to decide' });
    if (approval === undefined) return;
    await client.call(operation, { approval, reason: 'I have checked' }).catch(() => undefined);
  };
  const settled = async (some: readonly Withdrawal[], state: string) => {
    for (const each of some) await expect.poll(() => stateOf(each)).toBe(state);
  };

  test('every event in every state, twice: only listed moves happen, and the books agree (ASVS V2.3.1)', async () => {
    const all = new Map<string, Withdrawal>();
    const make = async (state: string, amount: string) => {
      for (const event of EVENTS) all.set(`${state} ${event}`, await withdraw(alice, amount));
    };
    const of = (...states: string[]) =>
      states.flatMap((state) => EVENTS.map((event) => all.get(`${state} ${event}`) as Withdrawal));

    for (const state of ['batched', 'sent', 'settled', 'returned', 'failed']) await make(state, '10.00 EUR');
    const [batch] = await batchAll(harness);
    const messageId = batch?.messageId ?? '';
    const report = (some: readonly Withdrawal[], status: string) =>
      importReport(
        harness,
        statusReport(
          messageId,
          some.map(({ id }) => [id, status] as const),
        ),
      );
    await report(of('sent', 'settled', 'returned'), 'ACCP');
    await report(of('failed'), 'RJCT');
    await importLines(
      harness,
      of('settled', 'returned').map((each) => paidLine(each)),
    );
    await importLines(
      harness,
      of('returned').map((each) => returnedLine(each)),
    );
    await make('requested', '2000.00 EUR');
    await make('rejected', '2000.00 EUR');
    for (const each of of('rejected')) await decide(each, 'refuse-act');
    await settled(of('rejected'), 'rejected');
    await make('cancelled', '10.00 EUR');
    for (const { id } of of('cancelled')) await alice.client.call('cancel-withdrawal', { withdrawal: id });
    await make('approved', '10.00 EUR');
    for (const state of STATES) for (const each of of(state)) expect(await stateOf(each)).toBe(state);

    const named = (event: string) => STATES.map((state) => all.get(`${state} ${event}`) as Withdrawal);
    const act: Record<
      (typeof EVENTS)[number],
      (some: readonly Withdrawal[], round: number) => Promise<unknown>
    > = {
      cancel: async (some) => {
        for (const { id } of some) {
          const before = await stateOf({ id });
          const call = alice.client.call('cancel-withdrawal', { withdrawal: id });
          const may = before === 'cancelled' || stateAfter(before, 'cancel') !== undefined;
          if (may) await call;
          else await refusalOf(call, 'withdrawal_decided');
        }
      },
      approve: async (some) => {
        for (const each of some) await decide(each, 'approve-act');
      },
      reject: async (some) => {
        for (const each of some) await decide(each, 'refuse-act');
      },
      accept: (some) => report(some, 'ACSP'),
      fail: (some) => report(some, 'RJCT'),
      // Once as another entry, which nothing explains, and as the same one again.
      settle: async (some, round) => {
        await importLines(
          harness,
          some.map((each) => paidLine(each, `P${round}-${each.id}`)),
        );
        await importLines(
          harness,
          some.map((each) => paidLine(each, `P${round}-${each.id}`)),
        );
      },
      return: async (some, round) => {
        await importLines(
          harness,
          some.map((each) => returnedLine(each, `R${round}-${each.id}`)),
        );
        await importLines(
          harness,
          some.map((each) => returnedLine(each, `R${round}-${each.id}`)),
        );
      },
      batch: () => batchAll(harness),
    };
    for (const event of EVENTS)
      for (const round of TWICE) {
        await act[event](named(event), round);
        for (const [at, each] of named(event).entries()) {
          const before = STATES[at] ?? '';
          const expected = stateAfter(before, event) ?? before;
          await expect
            .poll(() => stateOf(each), { message: `${before}, ${event}, round ${round}` })
            .toBe(expected);
        }
      }

    // What came back before it was seen to leave is given to the holder when it is.
    const early = ['batched return', 'sent return'].map((name) => all.get(name) as Withdrawal);
    await importLines(
      harness,
      early.map((each) => paidLine(each)),
    );
    for (const each of early) expect(await stateOf(each)).toBe('returned');

    let [paid, held] = [0n, 0n];
    for (const { id, paid: cost } of all.values()) {
      const state = await stateOf({ id });
      const { minor } = parseAmount(cost.amount, 'EUR');
      if (state === 'settled') paid += minor;
      if (['requested', 'approved', 'batched', 'sent'].includes(state)) held += minor;
    }
    const { balances } = await alice.client.call('list-balances', {});
    const { minor: funded } = parseAmount('500000.00', 'EUR');
    expect(balances.find(({ currency }) => currency === 'EUR')).toMatchObject({
      balance: { amount: formatMinor(funded - paid, 'EUR') },
      held: { amount: formatMinor(held, 'EUR') },
    });
    // Fees are of what was paid and did not come back.
    const fees = await balanceByName(harness.service.deps.engine, 'fees:EUR');
    expect(fees?.balance).toBe((paid / 1005n) * 5n);
    await audit(harness);
  }, 60_000);
});
