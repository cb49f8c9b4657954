import { parseCurrency } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { issuerOf } from '../../documents/issuer.ts';
import { writeStatementAs } from '../../documents/statement-formats.ts';
import { monthOf, readStatement } from '../../documents/statement.ts';
import { fromSnapshot } from '../../exports/from-snapshot.ts';
import type { UseCase } from '../use-case.ts';

/** A month of the holder's accounts as a document. Throws `currency_unknown`, `input_invalid` for a month to come. */
export const getStatement: UseCase<'get-statement'> = async (deps, actor, input) => {
  const month = monthOf(input.month, timestamp(deps.now()));
  const currency = input.currency === undefined ? undefined : parseCurrency(input.currency);
  const holder = { id: actor.user, name: actor.displayName };
  const about = { issuer: issuerOf(deps), holder, month, currency };
  return fromSnapshot(deps.engine, async function* (db) {
    yield* writeStatementAs(await readStatement(db, about), input.format ?? 'text');
  });
};
