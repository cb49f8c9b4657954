import type { Contents } from '../../core/maintenance.ts';
import { facts, type Block } from './blocks.ts';
import { showCount } from './bytes.ts';
import type { Pen } from './pen.ts';

/** What is in a database, when it was counted. */
export function contentsBlock({ counts, lastTransferAt }: Partial<Contents>, pen: Pen): Block {
  if (!counts) return undefined;
  return facts(
    ['Users', showCount(counts.users)],
    ['Accounts', showCount(counts.accounts)],
    ['Transfers', showCount(counts.transfers)],
    ['Entries', showCount(counts.entries)],
    ['Outbox', showCount(counts.outbox)],
    ['Last transfer', lastTransferAt === undefined ? 'none' : pen.time(lastTransferAt)],
  );
}
