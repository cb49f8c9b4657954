import type { Reader } from '../store/engine/engine.ts';
import { sealedRecords } from '../store/audit-log.ts';
import { CHAIN_START, chainHash } from './chain.ts';

const PAGE = 500;

type ChainVerdict = {
  /** How many records are sealed and right, from the first on. */
  readonly records: number;
  /** The last of them as `SEQ:HASH`: whoever notes it down can tell later that nothing was cut off or written anew. */
  readonly head: string | undefined;
  /** The first record that is not what was sealed, or that is missing. */
  readonly broken?: { readonly seq: string; readonly id?: string; readonly why: string };
};

/**
 * Derives the chain again from the first record on. `expected` is the head of an earlier verdict, which must still be
 * in it. `db` should be a snapshot.
 */
export async function verifyChain(db: Reader, expected?: string): Promise<ChainVerdict> {
  let { seq, hash } = CHAIN_START;
  const verdict = (broken?: ChainVerdict['broken']): ChainVerdict => ({
    records: Number(seq),
    head: seq === 0n ? undefined : `${seq}:${hash}`,
    ...(broken ? { broken } : {}),
  });
  const [expectedSeq, expectedHash] = expected?.split(':') ?? [];
  // From before the first place on: what stands there was put in.
  for (let after: bigint | undefined; ;) {
    const page = await sealedRecords(db, after, PAGE);
    for (const record of page) {
      const next = seq + 1n;
      const { id } = record;
      if (record.seq !== next)
        return verdict(
          record.seq !== null && record.seq < next
            ? { seq: String(record.seq), id, why: 'was put in: no record has that place' }
            : { seq: String(next), why: 'is missing' },
        );
      const found = chainHash(hash, next, record);
      if (record.hash !== found) return verdict({ seq: String(next), id, why: 'is not what was sealed' });
      if (expectedSeq === String(next) && expectedHash !== found)
        return verdict({ seq: String(next), id, why: 'is not the one that was expected there' });
      [seq, hash, after] = [next, found, next];
    }
    if (page.length < PAGE) break;
  }
  if (expectedSeq !== undefined && seq < BigInt(expectedSeq))
    return verdict({ seq: String(seq + 1n), why: `is missing: there were ${expectedSeq}` });
  return verdict();
}
