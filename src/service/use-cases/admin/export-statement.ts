import { parseCurrency } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { issuerOf } from '../../documents/issuer.ts';
import { writeStatementAs } from '../../documents/statement-formats.ts';
import { monthOf, readStatement } from '../../documents/statement.ts';
import { beginExport, factsOf } from '../../exports/begin-export.ts';
import { fromSnapshot } from '../../exports/from-snapshot.ts';
import { findHolder } from '../../identity/find-holder.ts';
import type { UseCase } from '../use-case.ts';

/** A month of one holder's accounts, as get-statement gives it to them; that staff took it is recorded before. */
export const exportStatement: UseCase<'export-statement'> = async (deps, actor, input) => {
  const { format = 'text', reason } = input;
  const month = monthOf(input.month, timestamp(deps.now()));
  const currency = input.currency === undefined ? undefined : parseCurrency(input.currency);
  const { id, displayName: name } = await findHolder(deps.engine, input.holder);
  const facts = factsOf({ format, month, currency });
  await beginExport(deps, actor, { action: 'statement-exported', subject: id, reason, facts });
  const about = { issuer: issuerOf(deps), holder: { id, name }, month, currency };
  return fromSnapshot(deps.engine, async function* (db) {
    yield* writeStatementAs(await readStatement(db, about), format);
  });
};
