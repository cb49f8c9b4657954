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
  /** `in`: the body is a stream of bytes. `out`: the answer is a stream of text. */
  readonly stream?: 'in' | 'out';
  /** What a token must be allowed to call it; without one, only a session may. */
  readonly scope?: Scope;
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
  'revoke-session': remove(
    '/v1/sessions/{session}',
    'holder',
    s.sessionId,
    s.nothing,
    'End one of your sessions',
  ),
  'get-me': get('/v1/me', 'holder', s.nothing, s.me, 'Who is logged in'),

  'list-balances': get('/v1/balances', 'holder', s.nothing, s.balances, 'Your balances, held and available'),
  'list-fees': get('/v1/fees', 'holder', s.feesInput, s.fees, 'The fee schedule in force'),
  'create-quote': post('/v1/quotes', 'holder', s.quoteInput, s.quote, 'Price a payment and bind the price'),
  'get-quote': get('/v1/quotes/{quote}', 'holder', s.quoteId, s.quote, 'Read a quote'),
  'create-transfer': money(
    '/v1/transfers',
    'holder',
    s.transferInput,
    s.transfer,
    'Pay what a quote says, or an amount at the fee of the moment',
  ),
  'create-transfers': Object.assign(
    post(
      '/v1/transfers/bulk',
      'holder',
      s.transfersInput,
      s.transferResults,
      'Pay many times, each row for itself',
    ),
    { money: 'rows', bodyBytes: LIMITS.transfersBodyBytes } as const,
  ),
  'list-transfers': get('/v1/transfers', 'holder', s.historyInput, s.history, 'Your history, newest first'),
  'get-transfer': get('/v1/transfers/{transfer}', 'holder', s.transferId, s.transfer, 'Read a transfer'),
  explain: get('/v1/explanations/{id}', 'holder', s.explainInput, s.explanation, 'Why something is as it is'),
  'get-intent': get(
    '/v1/intents/{key}',
    'holder',
    s.intentKey,
    s.intentOutcome,
    'What became of an Idempotency-Key',
  ),
  'abandon-intent': post(
    '/v1/intents/{key}/abandonment',
    'holder',
    s.intentKey,
    s.intentOutcome,
    'Make sure a key never pays, unless it has',
  ),

  'create-payee': post('/v1/payees', 'holder', s.payeeInput, s.payee, 'Save a recipient under a name'),
  'list-payees': get('/v1/payees', 'holder', s.nothing, s.payees, 'List saved recipients'),
  'delete-payee': remove('/v1/payees/{payee}', 'holder', s.payeeId, s.nothing, 'Forget a saved recipient'),

  'get-deposit-instructions': get(
    '/v1/deposit-instructions',
    'holder',
    s.depositInput,
    s.depositInstructions,
    'How to pay money in',
  ),
  'import-statement': streaming(
    post(
      '/v1/admin/deposits/imports',
      'support',
      s.nothing,
      s.importReport,
      'Book a camt.053 bank statement',
    ),
    'in',
  ),
  'list-suspense': get(
    '/v1/admin/suspense',
    'viewer',
    s.suspenseInput,
    s.suspense,
    'Bank entries no holder could be found for',
  ),
  'assign-suspense': money(
    '/v1/admin/suspense/{transfer}/assignment',
    'support',
    s.assignInput,
    s.transfer,
    'Give a suspense item to a holder',
  ),
  'set-fee': post('/v1/admin/fees', 'admin', s.setFeeInput, s.feeRule, 'Add a version of a fee rule'),
  'add-staff': post('/v1/admin/staff', 'admin', s.staffInput, s.user, 'Make a holder a member of staff'),
  'bootstrap-staff': post(
    '/v1/admin/staff/bootstrap',
    'console',
    s.bootstrapInput,
    s.user,
    'Add the first staff member, once',
  ),
  'export-journal': streaming(
    post('/v1/admin/exports/journal', 'senior', s.journalInput, s.nothing, 'The whole book as text'),
    'out',
  ),
  'export-transactions': streaming(
    post(
      '/v1/admin/exports/transactions',
      'senior',
      s.exportTransactionsInput,
      s.nothing,
      "Transfers as text, all or one holder's",
    ),
    'out',
  ),
  'export-audit': streaming(
    post('/v1/admin/exports/audit', 'senior', s.exportAuditInput, s.nothing, 'The audit log as text'),
    'out',
  ),
  'export-account': streaming(
    post(
      '/v1/admin/exports/account',
      'senior',
      s.exportAccountInput,
      s.nothing,
      'All that is known of one account, as evidence',
    ),
    'out',
  ),
  'verify-ledger': get(
    '/v1/admin/ledger/verification',
    'viewer',
    s.nothing,
    s.verification,
    'Derive every balance again and compare',
  ),
  'write-bank-statement': post(
    '/v1/dev/bank/statements',
    'console',
    s.bankStatementInput,
    s.bankStatement,
    'Write a statement to rehearse with',
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
