/** What the rest of the service may ask the money tables. Writing them is the poster's alone. */
export { balanceByName, balancesOf } from '../store/balances.ts';
export {
  expiringHolds,
  guardByName,
  guardsByNames,
  guardsUnder,
  holdById,
  nextHoldExpiry,
  pendingHoldsOf,
  intentByKey,
  intentsByKeys,
  refusedById,
  type IntentRow,
} from '../store/intents.ts';
export {
  balanceAfter,
  paymentsByIds,
  transferById,
  transfersOfAccount,
  suspenseItems,
  type TransferView,
} from '../store/transfers.ts';
export {
  balanceAsOf,
  entriesAfter,
  entriesBefore,
  entriesOfTransfer,
  newestHoldsOf,
  transfersOfAmount,
  type AccountLabel,
  type TrailEntry,
} from '../store/transfer-trail.ts';
