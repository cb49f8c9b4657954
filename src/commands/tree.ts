import type { Declared } from './declare.ts';

/** One command, or a word that commands share (then without `load`). */
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
    summary: 'End one of your sessions',
    load: async () => (await import('./session/revoke.ts')).revokeSessionCommand(),
  },

  {
    words: 'balance',
    summary: 'Show what you have, per currency',
    section: 'Money',
    load: async () => (await import('./balance.ts')).balanceCommand(),
  },
  {
    words: 'deposit',
    summary: 'Show how to pay money in',
    section: 'Money',
    load: async () => (await import('./deposit.ts')).depositCommand(),
  },
  {
    words: 'quote',
    summary: 'Show what a payment would cost',
    section: 'Money',
    load: async () => (await import('./quote.ts')).quoteCommand(),
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

  { words: 'admin', summary: 'Look after accounts, money that comes in, and the books', section: 'Staff' },
  { words: 'admin deposit', summary: 'Money that comes in' },
  {
    words: 'admin deposit import',
    summary: 'Book bank statements (camt.053)',
    load: async () => (await import('./admin/deposit/import.ts')).importDepositCommand(),
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
    words: 'admin export audit',
    summary: 'The audit log, all or about one holder',
    load: async () => (await import('./admin/export/audit.ts')).exportAuditCommand(),
  },
  {
    words: 'admin export account',
    summary: 'All that is known of one account, as evidence',
    load: async () => (await import('./admin/export/account.ts')).exportAccountCommand(),
  },
  { words: 'admin fees', summary: 'What payments cost' },
  {
    words: 'admin fees set',
    summary: 'Add a version of a fee rule',
    load: async () => (await import('./admin/fees/set.ts')).setFeeCommand(),
  },
  { words: 'admin staff', summary: 'Who works here' },
  {
    words: 'admin staff add',
    summary: 'Give a holder a role; --bootstrap makes the first member of staff',
    load: async () => (await import('./admin/staff/add.ts')).addStaffCommand(),
  },

  { words: 'ledger', summary: 'Prove the books', section: 'Staff' },
  {
    words: 'ledger verify',
    summary: 'Derive every balance again from its entries',
    load: async () => (await import('./ledger/verify.ts')).verifyLedgerCommand(),
  },

  { words: 'dev', summary: 'Tools for rehearsals; no real money behind them', section: 'Server' },
  { words: 'dev bank', summary: 'Plays a bank' },
  {
    words: 'dev bank statement',
    summary: 'Write a bank statement to import',
    load: async () => (await import('./dev/bank/statement.ts')).bankStatementCommand(),
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
