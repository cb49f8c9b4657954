import { sealRecords } from '../../audit-log/seal.ts';
import { timestamp } from '../../deps.ts';
import { accountBundle } from '../../exports/account-bundle.ts';
import { beginExport } from '../../exports/begin-export.ts';
import { fromSnapshot } from '../../exports/from-snapshot.ts';
import { findHolder } from '../../identity/find-holder.ts';
import type { UseCase } from '../use-case.ts';

/**
 * All that is known of one account, as evidence: files that agree with each other, with their digests. What was recorded
 * so far is sealed first, so that the head of the chain in the manifest stands for all that is told.
 */
export const exportAccount: UseCase<'export-account'> = async (deps, actor, { holder, offset, reason }) => {
  const { id } = await findHolder(deps.engine, holder);
  await beginExport(deps, actor, { action: 'account-exported', subject: id, reason });
  await sealRecords(deps);
  return fromSnapshot(deps.engine, (db) =>
    accountBundle(db, { holder: id, offset, takenAt: timestamp(deps.now()), takenBy: actor.user, reason }),
  );
};
