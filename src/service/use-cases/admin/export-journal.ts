import { beginExport } from '../../exports/begin-export.ts';
import { exportJournal as journal } from '../../ledger/export-journal/export-journal.ts';
import type { UseCase } from '../use-case.ts';

/** The whole book as text for accountants, as it is at one moment, while the service goes on. */
export const exportJournal: UseCase<'export-journal'> = async (deps, actor, { format, reason }) => {
  await beginExport(deps, actor, { action: 'journal-exported', reason, facts: { format } });
  return journal(deps.engine, format);
};
