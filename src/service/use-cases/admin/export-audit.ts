import { exportRecords } from '../../exports/audit-records.ts';
import { beginExport, factsOf } from '../../exports/begin-export.ts';
import { fromSnapshot } from '../../exports/from-snapshot.ts';
import { periodOf } from '../../period.ts';
import { findHolder } from '../../identity/find-holder.ts';
import type { UseCase } from '../use-case.ts';

/** The audit log as text: all of it, or what is about one holder. */
export const exportAudit: UseCase<'export-audit'> = async (deps, actor, input) => {
  const { format, offset, reason } = input;
  const period = periodOf(input);
  const subject = input.holder === undefined ? undefined : (await findHolder(deps.engine, input.holder)).id;
  const facts = factsOf({ format, ...period });
  await beginExport(deps, actor, { action: 'audit-exported', subject, reason, facts });
  return fromSnapshot(deps.engine, (db) => exportRecords(db, { ...period, subject }, { format, offset }));
};
