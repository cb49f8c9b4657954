import { hash } from 'node:crypto';
import type { RecordRow } from '../store/audit-log.ts';

/** What the first record follows. */
export const CHAIN_START = { seq: 0n, hash: '' };

/** The hash of a record in its place: over the hash before it and everything the record says. */
export function chainHash(before: string, seq: bigint, record: Omit<RecordRow, 'seq' | 'hash'>): string {
  const said = [
    before,
    String(seq),
    record.id,
    record.at,
    record.action,
    record.actor,
    record.actorRole,
    record.subject,
    record.object,
    record.reason,
    record.device,
    record.network,
    record.facts,
  ];
  return hash('sha256', JSON.stringify(said), 'base64url');
}
