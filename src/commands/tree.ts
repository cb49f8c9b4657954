import type { Declared } from './declare.ts';

/** One command, or a word that commands share (without `load`, unless it is a command itself). */
export type Entry = {
  /** What is typed: `session list`. */
  readonly words: string;
  readonly summary: string;
  /** Heading in `okpay --help`; for words at the top. */
  readonly section?: Section;
  /** Brings the command's file. Only the command that runs is ever loaded. */
  readonly load?: () => Promise<Declared>;
};

export type Section = 'Your account' | 'Money' | 'Payouts' | 'Staff' | 'Server' | 'Help';

/** Every command, in the order of `okpay --help`. A shared word comes before the commands that begin with it. */
export const TREE: readonly Entry[] = [
  {
    words: 'register',
    summary: 'Open an account',
    section: 'Your account',
    load: async () => (await import('./register.ts')).registerCommand(),
  },
  {
    words: 'verify',
    summary: 'Confirm your e-mail address with the code from the mail',
    section: 'Your account',
    load: async () => (await import('./verify.ts')).verifyCommand(),
  },
  {
    words: 'resend',
    summary: 'Send the mail with the code again',
    section: 'Your account',
    load: async () => (await import('./resend.ts')).resendCommand(),
  },
  {
    words: 'login',
    summary: 'Start a session on this machine',
    section: 'Your account',
    load: async () => (await import('./login.ts')).loginCommand(),
  },
  {
    words: 'logout',
    summary: 'End the session on this machine',
    section: 'Your account',
    load: async () => (await import('./logout.ts')).logoutCommand(),
  },
  {
    words: 'whoami',
    summary: 'Show who is logged in and where',
    section: 'Your account',
    load: async () => (await import('./whoami.ts')).whoamiCommand(),
  },
  { words: 'session', summary: 'See and end your sessions', section: 'Your account' },
  {
    words: 'session list',
    summary: 'List the places you are logged in at',
    load: async () => (await import('./session/list.ts')).listSessionsCommand(),
  },
  {
    words: 'session revoke',
    summary: 'End a session, all others, or all on a device',
    load: async () => (await import('./session/revoke.ts')).revokeSessionCommand(),
  },
  { words: '2fa', summary: 'Look after your second factor', section: 'Your account' },
  {
    words: '2fa enable',
    summary: 'Turn it on: from then on a login takes a code too',
    load: async () => (await import('./2fa/enable.ts')).enableSecondFactorCommand(),
  },
  {
    words: '2fa status',
    summary: 'Show whether it is on, and how many recovery codes are left',
    load: async () => (await import('./2fa/status.ts')).secondFactorStatusCommand(),
  },
  {
    words: '2fa codes',
    summary: 'Make ten new recovery codes',
    load: async () => (await import('./2fa/codes.ts')).recoveryCodesCommand(),
  },
  {
    words: '2fa disable',
    summary: 'Turn it off',
    load: async () => (await import('./2fa/disable.ts')).disableSecondFactorCommand(),
  },
  { words: 'limit', summary: 'Set limits of your own', section: 'Your account' },
  {
    words: 'limit confirm',
    summary: 'Set the amount above which a payment asks for a code',
    load: async () => (await import('./limit/confirm.ts')).confirmLimitCommand(),
  },
  {
    words: 'activity',
    summary: 'Show logins, failures and changes around your account',
    section: 'Your account',
    load: async () => (await import('./activity.ts')).activityCommand(),
  },
  {
    words: 'unlock',
    summary: 'Log in at once although a wrong password was tried too often',
    section: 'Your account',
    load: async () => (await import('./unlock.ts')).unlockCommand(),
  },
  { words: 'token', summary: 'Let programs use your account, within limits', section: 'Your account' },
  {
    words: 'token create',
    summary: 'Make a token; it is shown once',
    load: async () => (await import('./token/create.ts')).createTokenCommand(),
  },
  {
    words: 'token list',
    summary: 'List your tokens and what is used of their caps',
    load: async () => (await import('./token/list.ts')).listTokensCommand(),
  },
  {
    words: 'token revoke',
    summary: 'End a token at once',
    load: async () => (await import('./token/revoke.ts')).revokeTokenCommand(),
  },
  { words: 'password', summary: 'Change your password, or set a new one', section: 'Your account' },
  {
    words: 'password change',
    summary: 'Change your password; your other sessions end',
    load: async () => (await import('./password/change.ts')).changePasswordCommand(),
  },
  {
    words: 'password forgot',
    summary: 'Ask for a mail to set a new password',
    load: async () => (await import('./password/forgot.ts')).forgotPasswordCommand(),
  },
  {
    words: 'password reset',
    summary: 'Set a new password with the code from the mail',
    load: async () => (await import('./password/reset.ts')).resetPasswordCommand(),
  },
  { words: 'email', summary: 'Move your account to another e-mail address', section: 'Your account' },
  {
    words: 'email change',
    summary: 'Ask for another e-mail address; a mail with a code follows',
    load: async () => (await import('./email/change.ts')).changeEmailCommand(),
  },
  {
    words: 'email confirm',
    summary: 'Move to the other address with the code from the mail',
    load: async () => (await import('./email/confirm.ts')).confirmEmailCommand(),
  },
  { words: 'support', summary: 'Get help from the people who run the wallet', section: 'Your account' },
  {
    words: 'support open',
    summary: 'Ask support for help',
    load: async () => (await import('./support/open.ts')).openCaseCommand(),
  },
  {
    words: 'support list',
    summary: 'List your cases',
    load: async () => (await import('./support/list.ts')).listCasesCommand(),
  },
  {
    words: 'support show',
    summary: 'Show a case with all that was written',
    load: async () => (await import('./support/show.ts')).showCaseCommand(),
  },
  {
    words: 'support reply',
    summary: 'Write to support in one of your cases',
    load: async () => (await import('./support/reply.ts')).replyCommand(),
  },
  {
    words: 'support verify',
    summary: 'Find out whether a mail or a message is really ours',
    load: async () => (await import('./support/verify.ts')).verifyProofCommand(),
  },

  {
    words: 'balance',
    summary: 'Show what you have, per currency',
    section: 'Money',
    load: async () => (await import('./balance.ts')).balanceCommand(),
  },
  { words: 'account', summary: 'Keep money in several currencies', section: 'Money' },
  {
    words: 'account list',
    summary: 'List your accounts, one for a currency',
    load: async () => (await import('./account/list.ts')).listAccountsCommand(),
  },
  {
    words: 'account open',
    summary: 'Open an account in a currency',
    load: async () => (await import('./account/open.ts')).openAccountCommand(),
  },
  {
    words: 'account close',
    summary: 'Close an empty account',
    load: async () => (await import('./account/close.ts')).closeAccountCommand(),
  },
  {
    words: 'deposit',
    summary: 'Show how to pay money in',
    section: 'Money',
    load: async () => (await import('./deposit.ts')).depositCommand(),
  },
  { words: 'bank', summary: 'Look after the bank accounts you withdraw to', section: 'Money' },
  {
    words: 'bank add',
    summary: 'Add a bank account',
    load: async () => (await import('./bank/add.ts')).addBankAccountCommand(),
  },
  {
    words: 'bank list',
    summary: 'List your bank accounts',
    load: async () => (await import('./bank/list.ts')).listBankAccountsCommand(),
  },
  {
    words: 'bank remove',
    summary: 'Remove a bank account',
    load: async () => (await import('./bank/remove.ts')).removeBankAccountCommand(),
  },
  {
    words: 'bank requirements',
    summary: 'Show what an account is known by, by country',
    load: async () => (await import('./bank/requirements.ts')).bankRequirementsCommand(),
  },
  {
    words: 'withdraw',
    summary: 'Have money paid to your bank account',
    section: 'Money',
    load: async () => (await import('./withdraw.ts')).withdrawCommand(),
  },
  {
    words: 'withdraw list',
    summary: 'List your withdrawals',
    load: async () => (await import('./withdraw/list.ts')).listWithdrawalsCommand(),
  },
  {
    words: 'withdraw show',
    summary: 'Show how a withdrawal stands',
    load: async () => (await import('./withdraw/show.ts')).showWithdrawalCommand(),
  },
  {
    words: 'withdraw cancel',
    summary: 'Call a withdrawal back, before it goes to the bank',
    load: async () => (await import('./withdraw/cancel.ts')).cancelWithdrawalCommand(),
  },
  {
    words: 'withdraw watch',
    summary: 'Tell each change until it has ended',
    load: async () => (await import('./withdraw/watch.ts')).watchWithdrawalCommand(),
  },
  {
    words: 'quote',
    summary: 'Show what a payment would cost',
    section: 'Money',
    load: async () => (await import('./quote.ts')).quoteCommand(),
  },
  {
    words: 'quote compare',
    summary: 'Price one payment from each of your currencies',
    load: async () => (await import('./quote/compare.ts')).compareQuotesCommand(),
  },
  {
    words: 'convert',
    summary: 'Change money of yours into another currency',
    section: 'Money',
    load: async () => (await import('./convert.ts')).convertCommand(),
  },
  {
    words: 'send',
    summary: 'Pay somebody',
    section: 'Money',
    load: async () => (await import('./send.ts')).sendCommand(),
  },
  {
    words: 'pending',
    summary: 'Settle payments that were interrupted',
    section: 'Money',
    load: async () => (await import('./pending.ts')).pendingCommand(),
  },
  {
    words: 'history',
    summary: 'Show what came in and went out',
    section: 'Money',
    load: async () => (await import('./history.ts')).historyCommand(),
  },
  // Its file is not show.ts: the folder show/ is what formats for people.
  {
    words: 'show',
    summary: 'Show a transfer or a quote',
    section: 'Money',
    load: async () => (await import('./show-transfer.ts')).showTransferCommand(),
  },
  {
    words: 'why',
    summary: 'Explain why something is as it is',
    section: 'Money',
    load: async () => (await import('./why.ts')).whyCommand(),
  },
  { words: 'payee', summary: 'Keep the people you pay', section: 'Money' },
  {
    words: 'payee add',
    summary: 'Save somebody under a name',
    load: async () => (await import('./payee/add.ts')).addPayeeCommand(),
  },
  {
    words: 'payee list',
    summary: 'List who is saved',
    load: async () => (await import('./payee/list.ts')).listPayeesCommand(),
  },
  {
    words: 'payee remove',
    summary: 'Forget somebody who was saved',
    load: async () => (await import('./payee/remove.ts')).removePayeeCommand(),
  },
  {
    words: 'fees',
    summary: 'Show what payments cost',
    section: 'Money',
    load: async () => (await import('./fees.ts')).feesCommand(),
  },
  { words: 'receipt', summary: 'Receipts of transfers', section: 'Money' },
  {
    words: 'receipt get',
    summary: 'A transfer as a document to show to others',
    load: async () => (await import('./receipt/get.ts')).getReceiptCommand(),
  },
  {
    words: 'statement',
    summary: 'A month of your accounts as a document',
    section: 'Money',
    load: async () => (await import('./statement.ts')).statementCommand(),
  },
  {
    words: 'limits',
    summary: 'Show how much you may still move, and when that begins anew',
    section: 'Money',
    load: async () => (await import('./limits.ts')).limitsCommand(),
  },

  { words: 'admin', summary: 'Look after accounts, money that comes in, and the books', section: 'Staff' },
  { words: 'admin account', summary: 'Find accounts, and what happened to them' },
  {
    words: 'admin account search',
    summary: 'Find whose account it is, by whatever is known',
    load: async () => (await import('./admin/account/search.ts')).searchAccountsCommand(),
  },
  {
    words: 'admin account show',
    summary: 'Show how an account stands',
    load: async () => (await import('./admin/account/show.ts')).showAccountCommand(),
  },
  {
    words: 'admin account timeline',
    summary: 'Tell all that happened to an account as one story',
    load: async () => (await import('./admin/account/timeline.ts')).accountTimelineCommand(),
  },
  { words: 'admin transfer', summary: 'Look into transfers' },
  {
    words: 'admin transfer show',
    summary: 'Show any transfer, with its entries',
    load: async () => (await import('./admin/transfer/show.ts')).showAnyTransferCommand(),
  },
  {
    words: 'admin transfer trace',
    summary: 'Follow where money came from and went to',
    load: async () => (await import('./admin/transfer/trace.ts')).traceTransferCommand(),
  },
  { words: 'admin note', summary: 'Notes about accounts, for staff' },
  {
    words: 'admin note add',
    summary: 'Write a note about an account',
    load: async () => (await import('./admin/note/add.ts')).addNoteCommand(),
  },
  { words: 'admin case', summary: 'Cases that holders and staff talk about' },
  {
    words: 'admin case open',
    summary: 'Open a case on an account, and mail its holder',
    load: async () => (await import('./admin/case/open.ts')).openStaffCaseCommand(),
  },
  {
    words: 'admin case list',
    summary: 'List the cases that wait',
    load: async () => (await import('./admin/case/list.ts')).listStaffCasesCommand(),
  },
  {
    words: 'admin case show',
    summary: 'Show a case with all that was written',
    load: async () => (await import('./admin/case/show.ts')).showStaffCaseCommand(),
  },
  {
    words: 'admin case assign',
    summary: 'Give a case to a member of staff',
    load: async () => (await import('./admin/case/assign.ts')).assignCaseCommand(),
  },
  {
    words: 'admin case reply',
    summary: 'Write to the holder of a case',
    load: async () => (await import('./admin/case/reply.ts')).replyAsStaffCommand(),
  },
  {
    words: 'admin case close',
    summary: 'Close a case',
    load: async () => (await import('./admin/case/close.ts')).closeCaseCommand(),
  },
  { words: 'admin deposit', summary: 'Money that comes in' },
  {
    words: 'admin deposit import',
    summary: 'Book bank statements (camt.053)',
    load: async () => (await import('./admin/deposit/import.ts')).importDepositCommand(),
  },
  {
    words: 'admin reconcile',
    summary: 'Hold the closing balances of the bank against the book',
    load: async () => (await import('./admin/reconcile.ts')).reconcileCommand(),
  },
  { words: 'admin suspense', summary: 'Bank entries that no holder was found for' },
  {
    words: 'admin suspense list',
    summary: 'List what waits',
    load: async () => (await import('./admin/suspense/list.ts')).listSuspenseCommand(),
  },
  {
    words: 'admin suspense assign',
    summary: 'Give an entry to the holder it belongs to',
    load: async () => (await import('./admin/suspense/assign.ts')).assignSuspenseCommand(),
  },
  {
    words: 'admin suspense return',
    summary: 'Ask for a bank entry to be sent back to its payer',
    load: async () => (await import('./admin/suspense/return.ts')).returnSuspenseCommand(),
  },
  { words: 'admin withdrawal', summary: 'Money that goes out to banks' },
  {
    words: 'admin withdrawal list',
    summary: 'List the withdrawals of all holders',
    load: async () => (await import('./admin/withdrawal/list.ts')).listStaffWithdrawalsCommand(),
  },
  {
    words: 'admin withdrawal show',
    summary: 'Show how any withdrawal stands',
    load: async () => (await import('./admin/withdrawal/show.ts')).showStaffWithdrawalCommand(),
  },
  {
    words: 'admin withdrawal approve',
    summary: 'Agree to a withdrawal that waits for a person',
    load: async () => (await import('./admin/withdrawal/approve.ts')).approveWithdrawalCommand(),
  },
  {
    words: 'admin withdrawal refuse',
    summary: 'Refuse a withdrawal that waits for a person',
    load: async () => (await import('./admin/withdrawal/refuse.ts')).refuseWithdrawalCommand(),
  },
  {
    words: 'admin withdrawal batch',
    summary: 'Write files for the bank (pain.001)',
    load: async () => (await import('./admin/withdrawal/batch.ts')).batchWithdrawalsCommand(),
  },
  {
    words: 'admin withdrawal import',
    summary: 'Take what the bank says of them (pain.002)',
    load: async () => (await import('./admin/withdrawal/import.ts')).importReportCommand(),
  },
  {
    words: 'admin withdrawal rules',
    summary: 'Show or set the rules by which people withdraw',
    load: async () => (await import('./admin/withdrawal/rules.ts')).withdrawalRulesCommand(),
  },
  { words: 'admin bank', summary: 'Bank accounts of the wallet itself' },
  {
    words: 'admin bank add',
    summary: 'Add an account that withdrawals are paid from',
    load: async () => (await import('./admin/bank/add.ts')).addOwnAccountCommand(),
  },
  {
    words: 'admin bank list',
    summary: 'List them',
    load: async () => (await import('./admin/bank/list.ts')).listOwnAccountsCommand(),
  },
  {
    words: 'admin bank remove',
    summary: 'Pay no more withdrawals from an account',
    load: async () => (await import('./admin/bank/remove.ts')).removeOwnAccountCommand(),
  },
  {
    words: 'admin unlock',
    summary: 'Let somebody log in at once who is made to wait',
    load: async () => (await import('./admin/unlock.ts')).unlockCommand(),
  },
  {
    words: 'admin restrict',
    summary: 'Keep an account from logging in, receiving or sending',
    load: async () => (await import('./admin/restrict.ts')).restrictCommand(),
  },
  {
    words: 'admin lift',
    summary: 'Lift a restriction',
    load: async () => (await import('./admin/lift.ts')).liftCommand(),
  },
  { words: 'admin factor', summary: 'Second factors of holders' },
  {
    words: 'admin factor reset',
    summary: 'Ask that a lost second factor be removed',
    load: async () => (await import('./admin/factor/reset.ts')).resetFactorCommand(),
  },
  {
    words: 'admin adjust',
    summary: 'Ask for money to be given to an account, or taken',
    load: async () => (await import('./admin/adjust.ts')).adjustCommand(),
  },
  {
    words: 'admin reverse',
    summary: 'Ask for a payment to be moved back',
    load: async () => (await import('./admin/reverse.ts')).reverseCommand(),
  },
  { words: 'admin approval', summary: 'What two people decide' },
  {
    words: 'admin approval list',
    summary: 'List what waits for a second person',
    load: async () => (await import('./admin/approval/list.ts')).listApprovalsCommand(),
  },
  {
    words: 'admin approval show',
    summary: 'Show one thing that two people decide',
    load: async () => (await import('./admin/approval/show.ts')).showApprovalCommand(),
  },
  {
    words: 'admin approval approve',
    summary: 'Agree to what somebody else asked for',
    load: async () => (await import('./admin/approval/approve.ts')).approveActCommand(),
  },
  {
    words: 'admin approval refuse',
    summary: 'Refuse what somebody else asked for',
    load: async () => (await import('./admin/approval/refuse.ts')).refuseActCommand(),
  },
  { words: 'admin export', summary: 'Get data out' },
  {
    words: 'admin export journal',
    summary: 'The whole book, for hledger, beancount or a spreadsheet',
    load: async () => (await import('./admin/export/journal.ts')).exportJournalCommand(),
  },
  {
    words: 'admin export transactions',
    summary: "Transfers for a spreadsheet, all or one holder's",
    load: async () => (await import('./admin/export/transactions.ts')).exportTransactionsCommand(),
  },
  {
    words: 'admin export statement',
    summary: 'A month of one holder’s accounts as a document',
    load: async () => (await import('./admin/export/statement.ts')).exportStatementCommand(),
  },
  {
    words: 'admin export audit',
    summary: 'The audit log, all or about one holder',
    load: async () => (await import('./admin/export/audit.ts')).exportAuditCommand(),
  },
  {
    words: 'admin export account',
    summary: 'All that is known of one account, as evidence',
    load: async () => (await import('./admin/export/account.ts')).exportAccountCommand(),
  },
  { words: 'admin audit', summary: 'The log of what was done' },
  {
    words: 'admin audit verify',
    summary: 'Prove that no record was changed, removed or put in',
    load: async () => (await import('./admin/audit/verify.ts')).verifyAuditCommand(),
  },
  { words: 'admin fees', summary: 'What payments cost' },
  {
    words: 'admin fees set',
    summary: 'Add a version of a fee rule',
    load: async () => (await import('./admin/fees/set.ts')).setFeeCommand(),
  },
  { words: 'admin limits', summary: 'How much accounts may move, by their level' },
  {
    words: 'admin limits set',
    summary: 'Limit how much a level of accounts may move',
    load: async () => (await import('./admin/limits/set.ts')).setLimitCommand(),
  },
  {
    words: 'admin limits list',
    summary: 'Show the levels, and how each is limited',
    load: async () => (await import('./admin/limits/list.ts')).listLimitsCommand(),
  },
  { words: 'admin level', summary: 'The level of an account' },
  {
    words: 'admin level set',
    summary: 'Put an account at another level, and mail its holder',
    load: async () => (await import('./admin/level/set.ts')).setLevelCommand(),
  },
  { words: 'admin rates', summary: 'What currencies are worth' },
  {
    words: 'admin rates list',
    summary: 'Show the rates of exchange in force, and how old they are',
    load: async () => (await import('./admin/rates/list.ts')).listRatesCommand(),
  },
  {
    words: 'admin rates import',
    summary: 'Take files of reference rates of the ECB, XML or CSV',
    load: async () => (await import('./admin/rates/import.ts')).importRatesCommand(),
  },
  {
    words: 'admin rates fetch',
    summary: 'Take reference rates from the address that is configured',
    load: async () => (await import('./admin/rates/fetch.ts')).fetchRatesCommand(),
  },
  {
    words: 'admin rates set',
    summary: 'Set a rate by hand; away from the last one two people decide',
    load: async () => (await import('./admin/rates/set.ts')).setRateCommand(),
  },
  { words: 'admin spread', summary: 'What is kept when money is changed' },
  {
    words: 'admin spread list',
    summary: 'Show the spreads in force and those announced',
    load: async () => (await import('./admin/spread/list.ts')).listSpreadsCommand(),
  },
  {
    words: 'admin spread set',
    summary: 'Add a version of a spread',
    load: async () => (await import('./admin/spread/set.ts')).setSpreadCommand(),
  },
  { words: 'admin staff', summary: 'Who works here' },
  {
    words: 'admin staff add',
    summary: 'Give a holder a role; --bootstrap makes the first member of staff',
    load: async () => (await import('./admin/staff/add.ts')).addStaffCommand(),
  },
  {
    words: 'admin staff list',
    summary: 'Show who works here, and as what',
    load: async () => (await import('./admin/staff/list.ts')).listStaffCommand(),
  },
  {
    words: 'admin staff remove',
    summary: 'End the role of a member of staff',
    load: async () => (await import('./admin/staff/remove.ts')).removeStaffCommand(),
  },

  { words: 'ledger', summary: 'Prove the books', section: 'Staff' },
  {
    words: 'ledger verify',
    summary: 'Derive every balance again from its entries',
    load: async () => (await import('./ledger/verify.ts')).verifyLedgerCommand(),
  },

  { words: 'dev', summary: 'Tools for rehearsals; no real money behind them', section: 'Server' },
  {
    words: 'dev bank',
    summary: 'Play a bank over files, to rehearse with',
    load: async () => (await import('./dev/bank.ts')).bankCommand(),
  },
  {
    words: 'serve',
    summary: 'Run the service over HTTP',
    section: 'Server',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },

  {
    words: 'completion',
    summary: 'Print the script that makes TAB complete okpay',
    section: 'Help',
    load: async () => (await import('./completion.ts')).completionCommand(),
  },
  {
    words: 'doctor',
    summary: 'Look for what is wrong on this machine, and say what to do',
    section: 'Server',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  { words: 'db', summary: 'Look after the database on this machine', section: 'Server' },
  {
    words: 'db status',
    summary: 'Show where the database is, its schema, and what is in it',
    load: async () => (await import('./db/status.ts')).databaseStatusCommand(),
  },
  {
    words: 'db migrate',
    summary: 'Bring the schema up',
    load: async () => (await import('./db/migrate.ts')).migrateDatabaseCommand(),
  },
  {
    words: 'db backup',
    summary: 'Write a proved copy, also while a server runs',
    load: async () => (await import('./db/backup.ts')).backUpDatabaseCommand(),
  },
  {
    words: 'db restore',
    summary: "Put a backup in the database's place",
    load: async () => (await import('./db/restore.ts')).restoreDatabaseCommand(),
  },
  {
    words: 'db verify',
    summary: 'Read every page, and derive the ledger again',
    load: async () => (await import('./db/verify.ts')).verifyDatabaseCommand(),
  },

  { words: 'help', summary: 'Explain a command or a topic', section: 'Help' },
  {
    words: 'help exit-codes',
    summary: 'What the exit codes mean',
    load: async () => (await import('./help/exit-codes.ts')).exitCodesCommand(),
  },
  {
    words: 'help environment',
    summary: 'What can be set from outside',
    load: async () => (await import('./help/environment.ts')).environmentCommand(),
  },
];
