import { Refusal } from '../../../core/contract/refusals.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { formatMinor, isCurrency, type Currency } from '../../../core/money.ts';
import { explainDifference } from '../../deposits/explain-difference.ts';
import { isReconciled, reconcileAccount, type Reconciliation } from '../../deposits/reconcile.ts';
import { suspenseAccount } from '../../ledger/accounts.ts';
import { balanceByName } from '../../ledger/read.ts';
import type { Reader } from '../../store/engine/engine.ts';
import { statementAccounts } from '../../store/statements.ts';
import type { UseCase } from '../use-case.ts';

type Account = Output<'reconcile'>['accounts'][number];

/**
 * Every bank account that statements were imported of, as the bank and our book see it, at one moment. Throws `not_found`
 * for an account without statements.
 */
export const reconcile: UseCase<'reconcile'> = async ({ engine }, _actor, { account }) => {
  const named = account?.replace(/\s/g, '').toUpperCase();
  const snapshot = await engine.openSnapshot();
  try {
    const accounts: Account[] = [];
    for (const { account: each, currency } of await statementAccounts(snapshot, named)) {
      if (!isCurrency(currency)) continue;
      const found = await reconcileAccount(snapshot, each, currency);
      if (found) accounts.push(show(found, await inSuspense(snapshot, currency)));
    }
    if (named !== undefined && accounts.length === 0)
      throw new Refusal('not_found', { thing: 'statement of the bank account', id: named });
    return { accounts, reconciled: accounts.every(({ reconciled }) => reconciled) };
  } finally {
    await snapshot.close();
  }
};

async function inSuspense(db: Reader, currency: Currency): Promise<string> {
  const row = await balanceByName(db, suspenseAccount(currency).name);
  return formatMinor(row?.balance ?? 0n, currency);
}

function show(found: Reconciliation, suspense: string): Account {
  const { account, currency, bank, ours, differences, chain } = found;
  const say = (minor: bigint) => formatMinor(minor, currency);
  const last = chain.at(-1)?.statement;
  return {
    account,
    currency,
    bank: say(bank),
    day: last?.lastDay ?? '',
    statement: last?.id ?? '',
    ours: say(ours),
    difference: say(bank - ours),
    parts: differences.map((each) => ({
      kind: each.kind,
      amount: say(each.minor),
      day: each.day,
      ...(each.statement ? { statement: each.statement.id } : {}),
      text: explainDifference(each),
    })),
    unexplained: say(
      differences.reduce((sum, { kind, minor }) => (kind === 'unexplained' ? sum + minor : sum), 0n),
    ),
    suspense,
    reconciled: isReconciled(found),
  };
}
