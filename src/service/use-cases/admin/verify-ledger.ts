import { auditLedger } from '../../ledger/audit.ts';
import type { UseCase } from '../use-case.ts';

/** Derives the whole book again, as it is at one moment, while the service goes on. */
export const verifyLedger: UseCase<'verify-ledger'> = async ({ engine }) => {
  const snapshot = await engine.openSnapshot();
  try {
    return await auditLedger(snapshot);
  } finally {
    await snapshot.close();
  }
};
