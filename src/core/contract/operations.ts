import type * as z from 'zod/mini';
import { once } from './once.ts';
import { LIMITS, schemas as s } from './schemas.ts';

/**
 * Who may call: `anyone`; a `holder` who is logged in; staff of at least a rank; `console` is the machine that holds
 * the database, reached in-process only.
 */
export type Role = 'anyone' | 'holder' | 'viewer' | 'support' | 'senior' | 'admin' | 'console';

/**
 * What a token for programs may be allowed: to `read` everything of its owner's, to `pay`, to look after `payees`, or what
 * its owner may do as `staff`. What has no scope takes a session.
 */
export type Scope = 'read' | 'pay' | 'payees' | 'staff';

export type Operation = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with `{name}` places that are filled from the input. */
  readonly path: `/v1/${string}`;
  readonly role: Role;
  /** One line for the reference. */
  readonly summary: string;
  readonly input: z.ZodMiniType;
  readonly output: z.ZodMiniType;
  /** The call moves money: it must carry an Idempotency-Key, in the `header` or in each of its `rows`. */
  readonly money?: 'header' | 'rows';
  /** The most bytes of a JSON body, where that is not the usual limit. */
  readonly bodyBytes?: number;
  /** What a body that is a stream is called; XML unless said. */
  readonly media?: string;
  /** `in`: the body is a stream of bytes. `out`: the answer is a stream of text. */
  readonly stream?: 'in' | 'out';
  /** What a token must be allowed to call it, or `any` when each token may; without one, only a session may. */
  readonly scope?: Scope | 'any';
  /** The caller must have proved who they are a moment ago, by a login or by `prove`. */
  readonly fresh?: true;
};

/** Every operation of the service: the routes, the client, the reference and the tests are all made from this table. */
export const OPERATIONS = {
  register: post(
    '/v1/registrations',
    'anyone',
    s.registerInput,
    s.registered,
    'Open an account; a mail with a code follows',
  ),
  'resend-verification': post(
    '/v1/registrations/{registration}/mails',
    'anyone',
    s.registrationId,
    s.registered,
    'Send the verification mail again',
  ),
  'verify-email': post(
    '/v1/registrations/{registration}/verification',
    'anyone',
    s.verifyInput,
    s.user,
    'Confirm the e-mail address with the code',
  ),
  'log-in': post('/v1/sessions', 'anyone', s.loginInput, s.loggedIn, 'Start a session'),
  'log-out': remove('/v1/sessions/current', 'holder', s.nothing, s.nothing, 'End this session'),
  'list-sessions': get('/v1/sessions', 'holder', s.nothing, s.sessions, 'List your sessions'),
  'revoke-other-sessions': remove(
    '/v1/sessions/others',
    'holder',
    s.nothing,
    s.revokedSessions,
    'End all of your sessions but this one',
  ),
  'revoke-session': remove(
    '/v1/sessions/{session}',
    'holder',
    s.sessionId,
    s.nothing,
    'End one of your sessions',
  ),
  'forget-device': remove(
    '/v1/devices/{device}',
    'holder',
    s.deviceId,
    s.revokedSessions,
    'Forget a device and end the sessions on it',
  ),
  'create-token': fresh(
    post('/v1/tokens', 'holder', s.tokenInput, s.createdToken, 'Make a token for programs; it is shown once'),
  ),
  'list-tokens': get(
    '/v1/tokens',
    'holder',
    s.nothing,
    s.tokens,
    'List your tokens and what is used of them',
  ),
  'revoke-token': remove('/v1/tokens/{name}', 'holder', s.tokenId, s.revokedToken, 'End one of your tokens'),
  'get-me': scoped(get('/v1/me', 'holder', s.nothing, s.me, 'Who is logged in'), 'any'),
  'list-activity': get(
    '/v1/activity',
    'holder',
    s.activityInput,
    s.activity,
    'What happened around your account, newest first',
  ),
  'request-unlock': post(
    '/v1/unlocks',
    'anyone',
    s.unlockInput,
    s.unlockAsked,
    'Ask for the mail that unlocks an account',
  ),
  'confirm-unlock': post(
    '/v1/unlocks/{unlock}/confirmation',
    'anyone',
    s.confirmUnlockInput,
    s.nothing,
    'Unlock an account with the code from the mail',
  ),

  prove: post(
    '/v1/sessions/current/proof',
    'holder',
    s.proofInput,
    s.proved,
    'Prove who you are once more; the session gets a new token',
  ),
  'get-second-factor': get(
    '/v1/second-factor',
    'holder',
    s.nothing,
    s.secondFactor,
    'Your second factor, and how many recovery codes are left',
  ),
  'begin-second-factor': post(
    '/v1/second-factor',
    'holder',
    s.passwordInput,
    s.secondFactorSecret,
    'Make the secret of a second factor; it is not on yet',
  ),
  'enable-second-factor': post(
    '/v1/second-factor/confirmation',
    'holder',
    s.codeInput,
    s.secondFactorEnabled,
    'Turn the second factor on with a first code',
  ),
  'disable-second-factor': post(
    '/v1/second-factor/removal',
    'holder',
    s.disableFactorInput,
    s.sessionsEnded,
    'Turn the second factor off; other sessions end',
  ),
  'replace-recovery-codes': post(
    '/v1/second-factor/recovery-codes',
    'holder',
    s.optionalCodeInput,
    s.recoveryCodes,
    'Make ten new recovery codes; earlier ones end',
  ),
  'set-confirmation-limit': post(
    '/v1/confirmation-limits',
    'holder',
    s.confirmationLimitInput,
    s.confirmationLimit,
    'Say above which amount a payment takes a code',
  ),

  'change-password': post(
    '/v1/me/password',
    'holder',
    s.changePasswordInput,
    s.passwordChanged,
    'Change your password; your other sessions end',
  ),
  'forgot-password': post(
    '/v1/password-resets',
    'anyone',
    s.forgotPasswordInput,
    s.passwordForgotten,
    'Ask for a mail to set a new password',
  ),
  'reset-password': post(
    '/v1/password-resets/{reset}/password',
    'anyone',
    s.resetPasswordInput,
    s.passwordReset,
    'Set a new password with the code; every session ends',
  ),
  'change-email': fresh(
    post(
      '/v1/me/email-changes',
      'holder',
      s.changeEmailInput,
      s.emailChange,
      'Ask for another e-mail address; a mail follows',
    ),
  ),
  'confirm-email': post(
    '/v1/me/email-changes/{change}/confirmation',
    'holder',
    s.confirmEmailInput,
    s.emailChanged,
    'Move to the other e-mail address with the code',
  ),
  'open-case': post('/v1/support/cases', 'holder', s.caseInput, s.supportCase, 'Ask support for help'),
  'list-cases': get('/v1/support/cases', 'holder', s.casesInput, s.supportCases, 'Your support cases'),
  'get-case': get(
    '/v1/support/cases/{case}',
    'holder',
    s.caseId,
    s.supportCaseWhole,
    'One of your support cases, with its messages',
  ),
  'reply-to-case': post(
    '/v1/support/cases/{case}/messages',
    'holder',
    s.caseMessageInput,
    s.supportCase,
    'Write to one of your support cases',
  ),
  'verify-support-code': post(
    '/v1/support/proofs',
    'anyone',
    s.mailProofInput,
    s.mailProof,
    'Whether a mail or a message from staff is genuine',
  ),
  'list-balances': scoped(
    get('/v1/balances', 'holder', s.nothing, s.balances, 'Your balances, held and available'),
    'read',
  ),
  'list-accounts': scoped(
    get('/v1/accounts', 'holder', s.nothing, s.accounts, 'Your accounts, one for a currency, open or closed'),
    'read',
  ),
  'open-account': post(
    '/v1/accounts',
    'holder',
    s.accountCurrency,
    s.subAccount,
    'Open an account in a currency',
  ),
  'close-account': post(
    '/v1/accounts/{currency}/closure',
    'holder',
    s.accountCurrency,
    s.subAccount,
    'Close an empty account in a currency',
  ),
  'list-fees': scoped(get('/v1/fees', 'holder', s.feesInput, s.fees, 'The fee schedule in force'), 'read'),
  'get-limits': scoped(
    get('/v1/limits', 'holder', s.nothing, s.accountLimits, 'How much you may move, and what is left of it'),
    'read',
  ),
  'create-quote': scoped(
    post('/v1/quotes', 'holder', s.quoteInput, s.quote, 'Price a payment and bind the price'),
    'pay',
  ),
  'compare-quotes': scoped(
    post(
      '/v1/quotes/comparisons',
      'holder',
      s.compareInput,
      s.comparison,
      'Price one payment from each of your currencies',
    ),
    'pay',
  ),
  'get-quote': scoped(get('/v1/quotes/{quote}', 'holder', s.quoteId, s.quote, 'Read a quote'), 'pay'),
  'create-transfer': scoped(
    money(
      '/v1/transfers',
      'holder',
      s.transferInput,
      s.transfer,
      'Pay what a quote says, or an amount at the fee of the moment',
    ),
    'pay',
  ),
  'create-transfers': scoped(
    Object.assign(
      post(
        '/v1/transfers/bulk',
        'holder',
        s.transfersInput,
        s.transferResults,
        'Pay many times, each row for itself',
      ),
      { money: 'rows', bodyBytes: LIMITS.transfersBodyBytes } as const,
    ),
    'pay',
  ),
  'list-transfers': scoped(
    get('/v1/transfers', 'holder', s.historyInput, s.history, 'Your history, newest first'),
    'read',
  ),
  'get-transfer': scoped(
    get('/v1/transfers/{transfer}', 'holder', s.transferId, s.transfer, 'Read a transfer'),
    'read',
  ),
  'get-receipt': scoped(
    streaming(
      get(
        '/v1/receipts/{transfer}',
        'holder',
        s.receiptInput,
        s.nothing,
        'A transfer as a document: who, whom, when, how much, and each fee',
      ),
      'out',
    ),
    'read',
  ),
  'get-statement': scoped(
    streaming(
      get(
        '/v1/statements',
        'holder',
        s.statementInput,
        s.nothing,
        'A month of your accounts as a document, with each balance',
      ),
      'out',
    ),
    'read',
  ),
  explain: scoped(
    get('/v1/explanations/{id}', 'holder', s.explainInput, s.explanation, 'Why something is as it is'),
    'read',
  ),
  'get-intent': scoped(
    get('/v1/intents/{key}', 'holder', s.intentKey, s.intentOutcome, 'What became of an Idempotency-Key'),
    'pay',
  ),
  'abandon-intent': scoped(
    post(
      '/v1/intents/{key}/abandonment',
      'holder',
      s.intentKey,
      s.intentOutcome,
      'Make sure a key never pays, unless it has',
    ),
    'pay',
  ),

  'create-payee': scoped(
    fresh(post('/v1/payees', 'holder', s.payeeInput, s.payee, 'Save a recipient under a name')),
    'payees',
  ),
  'list-payees': scoped(get('/v1/payees', 'holder', s.nothing, s.payees, 'List saved recipients'), 'read'),
  'delete-payee': scoped(
    remove('/v1/payees/{payee}', 'holder', s.payeeId, s.nothing, 'Forget a saved recipient'),
    'payees',
  ),

  'add-bank-account': fresh(
    post(
      '/v1/bank-accounts',
      'holder',
      s.bankAccountInput,
      s.bankAccount,
      'Add a bank account to withdraw to',
    ),
  ),
  'list-bank-accounts': scoped(
    get('/v1/bank-accounts', 'holder', s.bankAccountsInput, s.bankAccounts, 'Your bank accounts'),
    'read',
  ),
  'remove-bank-account': remove(
    '/v1/bank-accounts/{account}',
    'holder',
    s.bankAccountId,
    s.nothing,
    'Remove one of your bank accounts',
  ),
  'list-bank-requirements': scoped(
    get(
      '/v1/bank-requirements',
      'holder',
      s.bankRequirementsInput,
      s.bankRequirements,
      'What an account is known by, by country and currency',
    ),
    'read',
  ),
  'create-withdrawal': money(
    '/v1/withdrawals',
    'holder',
    s.withdrawalInput,
    s.withdrawal,
    'Withdraw to a bank account what a quote says',
  ),
  'list-withdrawals': scoped(
    get('/v1/withdrawals', 'holder', s.withdrawalsInput, s.withdrawals, 'Your withdrawals, newest first'),
    'read',
  ),
  'get-withdrawal': scoped(
    get('/v1/withdrawals/{withdrawal}', 'holder', s.withdrawalId, s.withdrawal, 'How a withdrawal stands'),
    'read',
  ),
  'cancel-withdrawal': post(
    '/v1/withdrawals/{withdrawal}/cancellation',
    'holder',
    s.withdrawalId,
    s.withdrawal,
    'Call a withdrawal back, before it goes to the bank',
  ),

  'get-deposit-instructions': scoped(
    get('/v1/deposit-instructions', 'holder', s.depositInput, s.depositInstructions, 'How to pay money in'),
    'read',
  ),
  'import-statement': scoped(
    streaming(
      post(
        '/v1/admin/deposits/imports',
        'support',
        s.nothing,
        s.importReport,
        'Book a camt.053 bank statement',
      ),
      'in',
    ),
    'staff',
  ),
  reconcile: scoped(
    get(
      '/v1/admin/reconciliation',
      'viewer',
      s.reconcileInput,
      s.reconciliation,
      "How the bank's closing balances and our book stand, and why they differ",
    ),
    'staff',
  ),
  'list-suspense': scoped(
    get(
      '/v1/admin/suspense',
      'viewer',
      s.suspenseInput,
      s.suspense,
      'Bank entries no holder could be found for',
    ),
    'staff',
  ),
  'assign-suspense': scoped(
    money(
      '/v1/admin/suspense/{transfer}/assignment',
      'support',
      s.assignInput,
      s.transfer,
      'Give a suspense item to a holder',
    ),
    'staff',
  ),
  'list-staff-withdrawals': staff(
    get(
      '/v1/admin/withdrawals',
      'viewer',
      s.staffWithdrawalsInput,
      s.staffWithdrawals,
      'Withdrawals of all holders, newest first',
    ),
  ),
  'look-at-withdrawal': staff(
    post(
      '/v1/admin/withdrawals/{withdrawal}/views',
      'viewer',
      s.withdrawalViewInput,
      s.staffWithdrawal,
      'How any withdrawal stands',
    ),
  ),
  'batch-withdrawals': staff(
    post(
      '/v1/admin/withdrawal-batches',
      'senior',
      s.batchInput,
      s.batches,
      'Put approved withdrawals together for the bank',
    ),
  ),
  'list-batches': staff(
    get('/v1/admin/withdrawal-batches', 'senior', s.batchesInput, s.batchList, 'Batches, newest first'),
  ),
  'write-batch': streaming(
    staff(
      post(
        '/v1/admin/withdrawal-batches/{batch}/file',
        'senior',
        s.batchFileInput,
        s.nothing,
        'The pain.001 file of a batch, the same each time',
      ),
    ),
    'out',
  ),
  'import-report': streaming(
    staff(
      post(
        '/v1/admin/withdrawals/reports',
        'support',
        s.nothing,
        s.statusReport,
        'Take what a bank says of a file of payments (pain.002)',
      ),
    ),
    'in',
  ),
  'get-withdrawal-rules': staff(
    get(
      '/v1/admin/withdrawal-rules',
      'viewer',
      s.nothing,
      s.withdrawalRules,
      'By what rules people withdraw',
    ),
  ),
  'set-withdrawal-rules': fresh(
    post(
      '/v1/admin/withdrawal-rules',
      'admin',
      s.withdrawalRulesInput,
      s.withdrawalRules,
      'Set rules by which people withdraw',
    ),
  ),
  'list-own-accounts': staff(
    get(
      '/v1/admin/bank-accounts',
      'viewer',
      s.nothing,
      s.ownAccounts,
      'The bank accounts of the wallet itself',
    ),
  ),
  'add-own-account': fresh(
    post(
      '/v1/admin/bank-accounts',
      'admin',
      s.ownAccountInput,
      s.ownAccount,
      'Add an account that withdrawals are paid from',
    ),
  ),
  'remove-own-account': post(
    '/v1/admin/bank-accounts/removals',
    'admin',
    s.ownAccountId,
    s.nothing,
    'Remove an account of the wallet itself',
  ),
  'return-suspense': post(
    '/v1/admin/suspense/{transfer}/return',
    'support',
    s.returnSuspenseInput,
    s.approval,
    'Ask for a suspense item to be sent back to its payer',
  ),
  'set-fee': scoped(
    post('/v1/admin/fees', 'admin', s.setFeeInput, s.feeRule, 'Add a version of a fee rule'),
    'staff',
  ),
  'set-limit': scoped(
    post(
      '/v1/admin/limits',
      'admin',
      s.setLimitInput,
      s.level,
      'Limit how much a level of accounts may move',
    ),
    'staff',
  ),
  'list-limits': scoped(
    get('/v1/admin/limits', 'viewer', s.nothing, s.levels, 'The levels of accounts, and how each is limited'),
    'staff',
  ),
  'set-level': scoped(
    post('/v1/admin/levels', 'senior', s.setLevelInput, s.levelSet, 'Put an account at another level'),
    'staff',
  ),
  'import-rates': scoped(
    Object.assign(
      streaming(
        post(
          '/v1/admin/rates/imports',
          'admin',
          s.takeRatesInput,
          s.ratesReport,
          'Take a file of reference rates of the ECB',
        ),
        'in',
      ),
      { media: 'application/octet-stream' } as const,
    ),
    'staff',
  ),
  'fetch-rates': scoped(
    post(
      '/v1/admin/rates/fetches',
      'admin',
      s.fetchRatesInput,
      s.ratesReport,
      'Take reference rates from the address that is configured',
    ),
    'staff',
  ),
  'set-rate': post(
    '/v1/admin/rates',
    'admin',
    s.setRateInput,
    s.rateSet,
    'Set a rate of exchange by hand, or ask for it',
  ),
  'list-rates': scoped(
    get('/v1/admin/rates', 'viewer', s.nothing, s.rates, 'The rates of exchange in force'),
    'staff',
  ),
  'set-spread': scoped(
    post(
      '/v1/admin/spreads',
      'admin',
      s.setSpreadInput,
      s.spread,
      'Add a version of what is kept when money is changed',
    ),
    'staff',
  ),
  'list-spreads': scoped(
    get('/v1/admin/spreads', 'viewer', s.nothing, s.spreads, 'What is kept when money is changed'),
    'staff',
  ),
  'add-staff': post('/v1/admin/staff', 'admin', s.staffInput, s.user, 'Make a holder a member of staff'),
  'bootstrap-staff': post(
    '/v1/admin/staff/bootstrap',
    'console',
    s.bootstrapInput,
    s.user,
    'Add the first staff member, once',
  ),
  'export-journal': scoped(
    streaming(
      post('/v1/admin/exports/journal', 'senior', s.journalInput, s.nothing, 'The whole book as text'),
      'out',
    ),
    'staff',
  ),
  'export-transactions': scoped(
    streaming(
      post(
        '/v1/admin/exports/transactions',
        'senior',
        s.exportTransactionsInput,
        s.nothing,
        'Transfers as text, all or those of one holder',
      ),
      'out',
    ),
    'staff',
  ),
  'export-statement': scoped(
    streaming(
      post(
        '/v1/admin/exports/statement',
        'senior',
        s.exportStatementInput,
        s.nothing,
        'A month of one holder’s accounts, as they can have it themselves',
      ),
      'out',
    ),
    'staff',
  ),
  'export-audit': scoped(
    streaming(
      post('/v1/admin/exports/audit', 'senior', s.exportAuditInput, s.nothing, 'The audit log as text'),
      'out',
    ),
    'staff',
  ),
  'export-account': scoped(
    streaming(
      post(
        '/v1/admin/exports/account',
        'senior',
        s.exportAccountInput,
        s.nothing,
        'All that is known of one account, as evidence',
      ),
      'out',
    ),
    'staff',
  ),
  'verify-ledger': scoped(
    get(
      '/v1/admin/ledger/verification',
      'viewer',
      s.nothing,
      s.verification,
      'Derive every balance again and compare',
    ),
    'staff',
  ),
  'verify-audit': get(
    '/v1/admin/audit/verification',
    'senior',
    s.verifyAuditInput,
    s.auditVerification,
    'Derive the chain of the audit log again and compare',
  ),
  'restrict-account': post(
    '/v1/admin/restrictions',
    'support',
    s.restrictInput,
    s.restrictions,
    'Keep an account from logging in, receiving, sending or more',
  ),
  'lift-restriction': post(
    '/v1/admin/restrictions/{restriction}/lift',
    'senior',
    s.liftInput,
    s.restriction,
    'Let an account do again what it was kept from',
  ),
  'unlock-account': post(
    '/v1/admin/unlocks',
    'support',
    s.aboutHolder,
    s.unlocked,
    'Let somebody log in at once; after signs of a takeover, ask for it',
  ),
  'reset-factor': post(
    '/v1/admin/factor-resets',
    'support',
    s.aboutHolder,
    s.approval,
    'Ask that a lost second factor be removed',
  ),
  'adjust-balance': post(
    '/v1/admin/adjustments',
    'senior',
    s.adjustInput,
    s.approval,
    'Ask for money to be given to or taken from an account',
  ),
  'reverse-transfer': post(
    '/v1/admin/reversals',
    'senior',
    s.reverseInput,
    s.approval,
    'Ask for a payment to be moved back',
  ),
  'list-approvals': get(
    '/v1/admin/approvals',
    'support',
    s.approvalsInput,
    s.approvals,
    'What waits for a second person, and what came of it',
  ),
  'get-approval': get(
    '/v1/admin/approvals/{approval}',
    'support',
    s.decision,
    s.approval,
    'One thing that two people decide',
  ),
  'approve-act': fresh(
    post(
      '/v1/admin/approvals/{approval}/approval',
      'senior',
      s.decision,
      s.approval,
      'Agree to what somebody else asked for',
    ),
  ),
  'refuse-act': post(
    '/v1/admin/approvals/{approval}/refusal',
    'senior',
    s.decision,
    s.approval,
    'Refuse what somebody else asked for, or call it back',
  ),
  'list-staff': staff(get('/v1/admin/staff', 'viewer', s.nothing, s.staff, 'Who works here, and as what')),
  'remove-staff': staff(
    post(
      '/v1/admin/staff/removals',
      'admin',
      s.staffRemovalInput,
      s.user,
      'End the role of a member of staff',
    ),
  ),
  'search-accounts': staff(
    post(
      '/v1/admin/accounts/searches',
      'viewer',
      s.searchInput,
      s.accountMatches,
      'Find whose account it is',
    ),
  ),
  'look-at-account': staff(
    post('/v1/admin/accounts/views', 'viewer', s.accountInput, s.account, 'How an account stands'),
  ),
  'look-at-timeline': staff(
    post(
      '/v1/admin/accounts/timelines',
      'viewer',
      s.timelineInput,
      s.timeline,
      'All that happened to an account, as one story',
    ),
  ),
  'look-at-transfer': staff(
    post(
      '/v1/admin/transfers/{transfer}/views',
      'viewer',
      s.transferViewInput,
      s.transferView,
      'Any transfer, with its entries',
    ),
  ),
  'trace-transfer': staff(
    post(
      '/v1/admin/transfers/{transfer}/traces',
      'viewer',
      s.traceInput,
      s.trace,
      'Where the money of a transfer came from and went to',
    ),
  ),
  'add-note': staff(
    post('/v1/admin/notes', 'support', s.noteInput, s.staffNote, 'Write a note about an account, for staff'),
  ),
  'open-staff-case': staff(
    post('/v1/admin/cases', 'support', s.staffCaseInput, s.staffReply, 'Open a case on an account'),
  ),
  'list-staff-cases': staff(
    get('/v1/admin/cases', 'viewer', s.staffCasesInput, s.staffCases, 'Support cases, newest first'),
  ),
  'look-at-case': staff(
    post(
      '/v1/admin/cases/{case}/views',
      'viewer',
      s.caseViewInput,
      s.staffCaseWhole,
      'A case with its messages',
    ),
  ),
  'assign-case': staff(
    post(
      '/v1/admin/cases/{case}/assignment',
      'support',
      s.caseAssignmentInput,
      s.staffCase,
      'Give a case to a member of staff',
    ),
  ),
  'reply-as-staff': staff(
    post(
      '/v1/admin/cases/{case}/messages',
      'support',
      s.staffReplyInput,
      s.staffReply,
      'Write to the holder of a case',
    ),
  ),
  'close-case': staff(
    post('/v1/admin/cases/{case}/closure', 'support', s.caseViewInput, s.staffCase, 'Close a case'),
  ),
  'play-bank': post(
    '/v1/dev/bank/days',
    'console',
    s.playBankInput,
    s.bankPlayed,
    'Play a bank to rehearse with: orders in, statements and reports out',
  ),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
/** What a caller passes. */
export type Input<Name extends OperationName> = z.input<(typeof OPERATIONS)[Name]['input']>;
/** What a use-case receives, after the schema. */
export type Parsed<Name extends OperationName> = z.output<(typeof OPERATIONS)[Name]['input']>;
export type Output<Name extends OperationName> = z.output<(typeof OPERATIONS)[Name]['output']>;

/** The names of the `{places}` in an operation's path. */
export function placesOf(operation: Operation): string[] {
  return [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}

type Schema = z.ZodMiniType;

function get<R extends Role, I extends Schema, O extends Schema>(
  path: Operation['path'],
  role: R,
  input: () => I,
  output: () => O,
  summary: string,
) {
  return operation('GET', path, role, input, output, summary);
}

function post<R extends Role, I extends Schema, O extends Schema>(
  path: Operation['path'],
  role: R,
  input: () => I,
  output: () => O,
  summary: string,
) {
  return operation('POST', path, role, input, output, summary);
}

function remove<R extends Role, I extends Schema, O extends Schema>(
  path: Operation['path'],
  role: R,
  input: () => I,
  output: () => O,
  summary: string,
) {
  return operation('DELETE', path, role, input, output, summary);
}

function money<R extends Role, I extends Schema, O extends Schema>(
  path: Operation['path'],
  role: R,
  input: () => I,
  output: () => O,
  summary: string,
) {
  return Object.assign(post(path, role, input, output, summary), { money: 'header' } as const);
}

function streaming<T extends object, S extends 'in' | 'out'>(row: T, stream: S): T & { readonly stream: S } {
  return Object.assign(row, { stream });
}

function scoped<T extends object, S extends Scope | 'any'>(row: T, scope: S): T & { readonly scope: S } {
  return Object.assign(row, { scope });
}

function fresh<T extends object>(row: T): T & { readonly fresh: true } {
  return Object.assign(row, { fresh: true } as const);
}

/** A row whose schemas are made when they are first used. */
function operation<M extends Operation['method'], R extends Role, I extends Schema, O extends Schema>(
  method: M,
  path: Operation['path'],
  role: R,
  input: () => I,
  output: () => O,
  summary: string,
) {
  const madeInput = once(input);
  const madeOutput = once(output);
  return {
    method,
    path,
    role,
    summary,
    get input(): I {
      return madeInput();
    },
    get output(): O {
      return madeOutput();
    },
  } as const;
}

function staff<T extends object>(row: T): T & { readonly scope: 'staff' } {
  return Object.assign(row, { scope: 'staff' } as const);
}
