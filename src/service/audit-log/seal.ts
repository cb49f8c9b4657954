import type { Deps } from '../deps.ts';
import { chainHead, sealRecord, unsealedRecords } from '../store/audit-log.ts';
import { CHAIN_START, chainHash } from './chain.ts';

/** Records sealed in one transaction. */
const SLICE = 200;

/**
 * Seals what was recorded into the chain, in the order of the ids: each record gets its number and a hash over the one
 * before. Not in the transaction that records: everybody who logs in would wait for the one link they all need. It is
 * only done when `claim` says that it is this node's work; two that do it all the same take turns, as every ordinary
 * transaction is serializable.
 */
export async function sealRecords(
  { engine }: Pick<Deps, 'engine'>,
  claim: () => Promise<boolean> = async () => true,
): Promise<void> {
  for (let sealed = SLICE; sealed === SLICE;) {
    if ((await unsealedRecords(engine, 1)).length === 0 || !(await claim())) return;
    sealed = await engine.transact(async (tx) => {
      const records = await unsealedRecords(tx, SLICE);
      let { seq, hash } = (await chainHead(tx)) ?? CHAIN_START;
      for (const record of records) {
        seq += 1n;
        hash = chainHash(hash, seq, record);
        await sealRecord(tx, record.id, seq, hash);
      }
      return records.length;
    });
  }
}
