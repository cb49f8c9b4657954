import type { Reader } from '../store/engine/engine.ts';
import { sealedRecordsAfter, unsealedRecords } from '../store/audit-log.ts';
import { CHAIN_START, chainHash } from './chain.ts';

const PAGE = 500;

export type ChainVerdict = {
  /** How many records are sealed and right, from the first on. */
  readonly records: number;
  /** The last of them: whoever notes it down can tell later that nothing was cut off. */
  readonly head: { readonly seq: string; readonly hash: string };
  /** How many wait to be sealed, a page at most. */
  readonly waiting: number;
  /** The first record that is not what was sealed, or that is missing. */
  readonly broken?: { readonly seq: string; readonly id?: string; readonly why: string };
};

/** Derives the chain again from the first record on. `db` should be a snapshot. */
export async function verifyChain(db: Reader): Promise<ChainVerdict> {
  let { seq, hash } = CHAIN_START;
  const verdict = async (broken?: ChainVerdict['broken']): Promise<ChainVerdict> => ({
    records: Number(seq),
    head: { seq: String(seq), hash },
    waiting: (await unsealedRecords(db, PAGE)).length,
    ...(broken ? { broken } : {}),
  });
  for (;;) {
    const page = await sealedRecordsAfter(db, seq, PAGE);
    for (const record of page) {
      const expected = seq + 1n;
      if (record.seq !== expected) return verdict({ seq: String(expected), why: 'is missing' });
      const found = chainHash(hash, expected, record);
      if (record.hash !== found)
        return verdict({ seq: String(expected), id: record.id, why: 'is not what was sealed' });
      [seq, hash] = [expected, found];
    }
    if (page.length < PAGE) return verdict();
  }
}
