import { parseCurrency } from '../../../core/money.ts';
import { beginExport, factsOf } from '../../exports/begin-export.ts';
import { fromSnapshot } from '../../exports/from-snapshot.ts';
import { periodOf } from '../../period.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { exportTransactions as transactions } from '../../ledger/export-transactions/export-transactions.ts';
import type { UseCase } from '../use-case.ts';

/** Transfers as text for whoever looks into them: all, or what changed one holder's balances. */
export const exportTransactions: UseCase<'export-transactions'> = async (deps, actor, input) => {
  const { format, offset, reason } = input;
  const period = periodOf(input);
  const currency = input.currency === undefined ? undefined : parseCurrency(input.currency);
  const holder = input.holder === undefined ? undefined : (await findHolder(deps.engine, input.holder)).id;
  const facts = factsOf({ format, currency, ...period });
  await beginExport(deps, actor, { action: 'transactions-exported', subject: holder, reason, facts });
  return fromSnapshot(deps.engine, (db) =>
    transactions(db, { ...period, currency, holder }, { format, offset }),
  );
};
