import { toWire } from '../../../core/money.ts';
import { balancesOf } from '../../ledger/read.ts';
import type { UseCase } from '../use-case.ts';

/** Each currency the holder has an open account in: balance, what is held of it, and what can be spent. */
export const listBalances: UseCase<'list-balances'> = async ({ engine }, actor) => {
  const rows = await balancesOf(engine, actor.user);
  return {
    balances: rows
      .filter(({ closed }) => closed === 0n)
      .map(({ currency, balance, held }) => ({
        currency,
        balance: toWire(balance, currency),
        held: toWire(held, currency),
        available: toWire(balance - held, currency),
      })),
  };
};
