import type { WriteTime } from '../../exports/times.ts';
import type { ExportedTransfer } from '../../store/exported-transfers.ts';
import type { Party } from './parties.ts';

/** One line of an export: a transfer with both parties, and what it did to the holder's account when one is exported. */
export type Line = {
  readonly transfer: ExportedTransfer;
  readonly from: Party;
  readonly to: Party;
  readonly change?: { readonly party: Party; readonly amount: bigint; readonly after: bigint };
};

/** How lines are written. */
export type LineFormat = {
  readonly head: string;
  readonly lines: (page: readonly Line[], timeOf: WriteTime) => string;
};
