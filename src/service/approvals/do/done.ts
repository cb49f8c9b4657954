import type { RefusalDraft } from '../../ledger/intent.ts';
import type { Writer } from '../../store/engine/engine.ts';
import type { Facts } from '../approval.ts';

/** What came of an act: what was done, with what is to be written together with that; or why it could not be done. */
export type Done =
  | { readonly result: Facts; readonly andWrite?: (tx: Writer) => Promise<void> }
  | { readonly failed: RefusalDraft };
