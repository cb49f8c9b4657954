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
  'revoke-other-sessions': async () =>
    (await import('./identity/revoke-other-sessions.ts')).revokeOtherSessions,
  'forget-device': async () => (await import('./identity/forget-device.ts')).forgetDevice,
  'create-token': async () => (await import('./tokens/create-token.ts')).createToken,
  'list-tokens': async () => (await import('./tokens/list-tokens.ts')).listTokens,
  'revoke-token': async () => (await import('./tokens/revoke-token.ts')).revokeToken,
  'get-me': async () => (await import('./identity/get-me.ts')).getMe,
  'list-activity': async () => (await import('./identity/list-activity.ts')).listActivity,
  'request-unlock': async () => (await import('./identity/request-unlock.ts')).requestUnlock,
  'confirm-unlock': async () => (await import('./identity/confirm-unlock.ts')).confirmUnlock,

  prove: async () => (await import('./identity/prove.ts')).prove,
  'get-second-factor': async () => (await import('./identity/get-second-factor.ts')).getSecondFactor,
  'begin-second-factor': async () => (await import('./identity/begin-second-factor.ts')).beginSecondFactor,
  'enable-second-factor': async () => (await import('./identity/enable-second-factor.ts')).enableSecondFactor,
  'disable-second-factor': async () =>
    (await import('./identity/disable-second-factor.ts')).disableSecondFactor,
  'replace-recovery-codes': async () =>
    (await import('./identity/replace-recovery-codes.ts')).replaceRecoveryCodes,
  'set-confirmation-limit': async () =>
    (await import('./money/set-confirmation-limit.ts')).setConfirmationLimit,

  'change-password': async () => (await import('./identity/change-password.ts')).changePassword,
  'forgot-password': async () => (await import('./identity/forgot-password.ts')).forgotPassword,
  'reset-password': async () => (await import('./identity/reset-password.ts')).resetPassword,
  'change-email': async () => (await import('./identity/change-email.ts')).changeEmail,
  'confirm-email': async () => (await import('./identity/confirm-email.ts')).confirmEmail,

  'list-balances': async () => (await import('./money/list-balances.ts')).listBalances,
  'list-fees': async () => (await import('./money/list-fees.ts')).listFees,
  'get-limits': async () => (await import('./limits/get-limits.ts')).getLimits,
  'set-limit': async () => (await import('./limits/set-limit.ts')).setLimit,
  'list-limits': async () => (await import('./limits/list-limits.ts')).listLimits,
  'set-level': async () => (await import('./limits/set-level.ts')).setLevel,
  'create-quote': async () => (await import('./money/create-quote.ts')).createQuote,
  'get-quote': async () => (await import('./money/get-quote.ts')).getQuote,
  'create-transfer': async () => (await import('./money/create-transfer.ts')).createTransfer,
  'create-transfers': async () => (await import('./money/create-transfers.ts')).createTransfers,
  'list-transfers': async () => (await import('./money/list-transfers.ts')).listTransfers,
  'get-transfer': async () => (await import('./money/get-transfer.ts')).getTransfer,
  'get-receipt': async () => (await import('./documents/get-receipt.ts')).getReceipt,
  'get-statement': async () => (await import('./documents/get-statement.ts')).getStatement,
  explain: async () => (await import('./money/explain.ts')).explain,
  'get-intent': async () => (await import('./money/get-intent.ts')).getIntent,
  'abandon-intent': async () => (await import('./money/abandon-intent.ts')).abandonIntent,

  'list-accounts': async () => (await import('./exchange/list-accounts.ts')).listAccounts,
  'open-account': async () => (await import('./exchange/open-account.ts')).openAccount,
  'close-account': async () => (await import('./exchange/close-account.ts')).closeAccount,
  'compare-quotes': async () => (await import('./exchange/compare-quotes.ts')).compareQuotes,
  'import-rates': async () => (await import('./exchange/import-rates.ts')).importRates,
  'fetch-rates': async () => (await import('./exchange/fetch-rates.ts')).fetchRates,
  'set-rate': async () => (await import('./exchange/set-rate.ts')).setRate,
  'list-rates': async () => (await import('./exchange/list-rates.ts')).listRates,
  'set-spread': async () => (await import('./exchange/set-spread.ts')).setSpread,
  'list-spreads': async () => (await import('./exchange/list-spreads.ts')).listSpreads,

  'create-payee': async () => (await import('./payees/create-payee.ts')).createPayee,
  'list-payees': async () => (await import('./payees/list-payees.ts')).listPayees,
  'delete-payee': async () => (await import('./payees/delete-payee.ts')).deletePayee,

  'add-bank-account': async () => (await import('./bank-accounts/add-bank-account.ts')).addBankAccount,
  'list-bank-accounts': async () => (await import('./bank-accounts/list-bank-accounts.ts')).listBankAccounts,
  'remove-bank-account': async () =>
    (await import('./bank-accounts/remove-bank-account.ts')).removeBankAccount,
  'list-bank-requirements': async () =>
    (await import('./bank-accounts/list-bank-requirements.ts')).listBankRequirements,
  'create-withdrawal': async () => (await import('./withdrawals/create-withdrawal.ts')).createWithdrawal,
  'list-withdrawals': async () => (await import('./withdrawals/list-withdrawals.ts')).listWithdrawals,
  'get-withdrawal': async () => (await import('./withdrawals/get-withdrawal.ts')).getWithdrawal,
  'cancel-withdrawal': async () => (await import('./withdrawals/cancel-withdrawal.ts')).cancelWithdrawal,

  'get-deposit-instructions': async () =>
    (await import('./bank/get-deposit-instructions.ts')).getDepositInstructions,
  'import-statement': async () => (await import('./bank/import-statement.ts')).importStatement,
  'return-suspense': async () => (await import('./approvals/return-suspense.ts')).returnSuspense,
  reconcile: async () => (await import('./bank/reconcile.ts')).reconcile,
  'list-suspense': async () => (await import('./bank/list-suspense.ts')).listSuspense,
  'assign-suspense': async () => (await import('./bank/assign-suspense.ts')).assignSuspense,
  'play-bank': async () => (await import('./bank/play-bank.ts')).playBank,

  'restrict-account': async () => (await import('./restrictions/restrict-account.ts')).restrictAccount,
  'lift-restriction': async () => (await import('./restrictions/lift-restriction.ts')).liftRestriction,
  'unlock-account': async () => (await import('./approvals/unlock-account.ts')).unlockAccount,
  'reset-factor': async () => (await import('./approvals/reset-factor.ts')).resetFactor,
  'adjust-balance': async () => (await import('./approvals/adjust-balance.ts')).adjustBalance,
  'reverse-transfer': async () => (await import('./approvals/reverse-transfer.ts')).reverseTransfer,
  'list-approvals': async () => (await import('./approvals/list-approvals.ts')).listApprovals,
  'get-approval': async () => (await import('./approvals/get-approval.ts')).getApproval,
  'approve-act': async () => (await import('./approvals/approve-act.ts')).approveAct,
  'refuse-act': async () => (await import('./approvals/refuse-act.ts')).refuseAct,

  'list-staff-withdrawals': async () =>
    (await import('./withdrawals/list-staff-withdrawals.ts')).listStaffWithdrawals,
  'look-at-withdrawal': async () => (await import('./withdrawals/look-at-withdrawal.ts')).lookAtWithdrawal,
  'batch-withdrawals': async () => (await import('./withdrawals/batch-withdrawals.ts')).batchWithdrawals,
  'list-batches': async () => (await import('./withdrawals/list-batches.ts')).listBatches,
  'write-batch': async () => (await import('./withdrawals/write-batch.ts')).writeBatch,
  'import-report': async () => (await import('./withdrawals/import-report.ts')).importReport,
  'get-withdrawal-rules': async () =>
    (await import('./withdrawals/get-withdrawal-rules.ts')).getWithdrawalRules,
  'set-withdrawal-rules': async () =>
    (await import('./withdrawals/set-withdrawal-rules.ts')).setWithdrawalRules,
  'list-own-accounts': async () => (await import('./withdrawals/list-own-accounts.ts')).listOwnAccounts,
  'add-own-account': async () => (await import('./withdrawals/add-own-account.ts')).addOwnAccount,
  'remove-own-account': async () => (await import('./withdrawals/remove-own-account.ts')).removeOwnAccount,
  'set-fee': async () => (await import('./admin/set-fee.ts')).setFee,
  'add-staff': async () => (await import('./admin/add-staff.ts')).addStaff,
  'bootstrap-staff': async () => (await import('./admin/bootstrap-staff.ts')).bootstrapStaff,
  'export-journal': async () => (await import('./admin/export-journal.ts')).exportJournal,
  'export-transactions': async () => (await import('./admin/export-transactions.ts')).exportTransactions,
  'export-statement': async () => (await import('./admin/export-statement.ts')).exportStatement,
  'export-audit': async () => (await import('./admin/export-audit.ts')).exportAudit,
  'export-account': async () => (await import('./admin/export-account.ts')).exportAccount,
  'verify-ledger': async () => (await import('./admin/verify-ledger.ts')).verifyLedger,
  'verify-audit': async () => (await import('./admin/verify-audit.ts')).verifyAudit,

  'list-staff': async () => (await import('./admin/list-staff.ts')).listStaff,
  'remove-staff': async () => (await import('./admin/remove-staff.ts')).removeStaff,
  'search-accounts': async () => (await import('./investigate/search-accounts.ts')).searchAccounts,
  'look-at-account': async () => (await import('./investigate/look-at-account.ts')).lookAtAccount,
  'look-at-timeline': async () => (await import('./investigate/look-at-timeline.ts')).lookAtTimeline,
  'look-at-transfer': async () => (await import('./investigate/look-at-transfer.ts')).lookAtTransfer,
  'trace-transfer': async () => (await import('./investigate/trace-transfer.ts')).traceTransfer,
  'add-note': async () => (await import('./investigate/add-note.ts')).addNote,

  'open-case': async () => (await import('./support/open-case.ts')).openCase,
  'list-cases': async () => (await import('./support/list-cases.ts')).listCases,
  'get-case': async () => (await import('./support/get-case.ts')).getCase,
  'reply-to-case': async () => (await import('./support/reply-to-case.ts')).replyToCase,
  'verify-support-code': async () => (await import('./support/verify-support-code.ts')).verifySupportCode,
  'open-staff-case': async () => (await import('./support/open-staff-case.ts')).openStaffCase,
  'list-staff-cases': async () => (await import('./support/list-staff-cases.ts')).listStaffCases,
  'look-at-case': async () => (await import('./support/look-at-case.ts')).lookAtCase,
  'assign-case': async () => (await import('./support/assign-case.ts')).assignCase,
  'reply-as-staff': async () => (await import('./support/reply-as-staff.ts')).replyAsStaff,
  'close-case': async () => (await import('./support/close-case.ts')).closeCase,
};

/**
 * Which use-case performs which operation. Each is loaded when it is first called: a short command pays for one. And
 * only then: an import costs as much as a small question to the database, also when the module is there.
 */
export const USE_CASES = Object.fromEntries(
  Object.entries(IMPORTS).map(([name, load]) => [name, once<Promise<unknown>>(load)]),
) as Table;
