import { sealRecords } from '../../audit-log/seal.ts';
import { verifyChain } from '../../audit-log/verify.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Derives the chain of the audit log again, as it is at one moment, after what waits was sealed. With what an earlier
 * verification ended with, also a log that was cut off, rewritten or restored from an old backup is found.
 */
export const verifyAudit: UseCase<'verify-audit'> = async (deps, _actor, input) => {
  await sealRecords(deps);
  const snapshot = await deps.engine.openSnapshot();
  try {
    const { records, head, broken } = await verifyChain(snapshot, input.expect);
    if (broken) deps.log.error('audit_unsound', { seq: broken.seq });
    return {
      sound: broken === undefined,
      records,
      ...(head === undefined ? {} : { head }),
      ...(broken ? { broken } : {}),
    };
  } finally {
    await snapshot.close();
  }
};
