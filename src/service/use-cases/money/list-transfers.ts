import { parseCurrency } from '../../../core/money.ts';
import type { Deps } from '../../deps.ts';
import { findRecipient } from '../../identity/find-recipient.ts';
import { balancesOf, transfersOfAccount } from '../../ledger/read.ts';
import { afterOf, onceEach, showTransfer } from '../../ledger/show-transfer.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
import { periodOf } from '../../period.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 20;

/** The holder's transfers, newest first, narrowed by the filters; `nextCursor` asks for the page after. */
export const listTransfers: UseCase<'list-transfers'> = async (deps, actor, input) => {
  const { engine } = deps;
  checkCursorOf(input.cursor, 'transfer');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const currency = input.currency === undefined ? undefined : parseCurrency(input.currency);
  const mine = await balancesOf(engine, actor.user);
  const accounts = mine.filter((account) => currency === undefined || account.currency === currency);
  const filter = {
    before: input.cursor,
    direction: input.direction,
    kind: input.kind,
    withAccounts: input.with === undefined ? undefined : await accountsOf(deps, actor.user, input.with),
    ...periodOf(input),
  };
  // Each account is read on its own, so that a page costs the same however long the history is.
  const pages = await Promise.all(
    accounts.map(({ id }) => transfersOfAccount(engine, id, filter, limit + 1)),
  );
  const rows = onceEach(pages.flat()).sort((one, other) => (one.id < other.id ? 1 : -1));
  const { page, next } = pageOf(rows, limit);
  return {
    transfers: page.map((row) => showTransfer(row, actor.user, afterOf(row))),
    ...next,
  };
};

async function accountsOf({ engine }: Deps, owner: string, who: string): Promise<bigint[]> {
  const other = await findRecipient(engine, owner, who);
  return (await balancesOf(engine, other.id)).map(({ id }) => id);
}
