import { once } from '../../core/contract/once.ts';
import type { OperationName } from '../../core/contract/operations.ts';
import type { UseCase } from './use-case.ts';

type Table = { readonly [Name in OperationName]: () => Promise<UseCase<Name>> };

const IMPORTS: Table = {
  register: async () => (await import('./identity/register.ts')).register,
  'resend-verification': async () => (await import('./identity/resend-verification.ts')).resendVerification,
  'verify-email': async () => (await import('./identity/verify-email.ts')).verifyEmail,
  'log-in': async () => (await import('./identity/log-in.ts')).logIn,
  'log-out': async () => (await import('./identity/log-out.ts')).logOut,
  'list-sessions': async () => (await import('./identity/list-sessions.ts')).listSessions,
  'revoke-session': async () => (await import('./identity/revoke-session.ts')).revokeSession,
  'get-me': async () => (await import('./identity/get-me.ts')).getMe,

  'list-balances': async () => (await import('./money/list-balances.ts')).listBalances,
  'list-fees': async () => (await import('./money/list-fees.ts')).listFees,
  'create-quote': async () => (await import('./money/create-quote.ts')).createQuote,
  'get-quote': async () => (await import('./money/get-quote.ts')).getQuote,
  'create-transfer': async () => (await import('./money/create-transfer.ts')).createTransfer,
  'create-transfers': async () => (await import('./money/create-transfers.ts')).createTransfers,
  'list-transfers': async () => (await import('./money/list-transfers.ts')).listTransfers,
  'get-transfer': async () => (await import('./money/get-transfer.ts')).getTransfer,
  explain: async () => (await import('./money/explain.ts')).explain,
  'get-intent': async () => (await import('./money/get-intent.ts')).getIntent,
  'abandon-intent': async () => (await import('./money/abandon-intent.ts')).abandonIntent,

  'create-payee': async () => (await import('./payees/create-payee.ts')).createPayee,
  'list-payees': async () => (await import('./payees/list-payees.ts')).listPayees,
  'delete-payee': async () => (await import('./payees/delete-payee.ts')).deletePayee,

  'get-deposit-instructions': async () =>
    (await import('./bank/get-deposit-instructions.ts')).getDepositInstructions,
  'import-statement': async () => (await import('./bank/import-statement.ts')).importStatement,
  'list-suspense': async () => (await import('./bank/list-suspense.ts')).listSuspense,
  'assign-suspense': async () => (await import('./bank/assign-suspense.ts')).assignSuspense,
  'write-bank-statement': async () => (await import('./bank/write-bank-statement.ts')).writeBankStatement,

  'set-fee': async () => (await import('./admin/set-fee.ts')).setFee,
  'add-staff': async () => (await import('./admin/add-staff.ts')).addStaff,
  'bootstrap-staff': async () => (await import('./admin/bootstrap-staff.ts')).bootstrapStaff,
  'export-journal': async () => (await import('./admin/export-journal.ts')).exportJournal,
  'export-transactions': async () => (await import('./admin/export-transactions.ts')).exportTransactions,
  'export-audit': async () => (await import('./admin/export-audit.ts')).exportAudit,
  'export-account': async () => (await import('./admin/export-account.ts')).exportAccount,
  'verify-ledger': async () => (await import('./admin/verify-ledger.ts')).verifyLedger,
};

/**
 * Which use-case performs which operation. Each is loaded when it is first called: a short command pays for one. And
 * only then: an import costs as much as a small question to the database, also when the module is there.
 */
export const USE_CASES = Object.fromEntries(
  Object.entries(IMPORTS).map(([name, load]) => [name, once<Promise<unknown>>(load)]),
) as Table;
