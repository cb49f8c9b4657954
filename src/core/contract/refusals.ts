/**
 * Every expected way a call can end other than done: one row each. `status` is the HTTP status (RFC 9110), `exit` the
 * exit code of the command line, `text` the sentence a person reads, made from the facts. `next` is what to type.
 */
type Facts = Readonly<Record<string, string>>;
type Row = {
  readonly status: number;
  readonly exit: number;
  readonly title: string;
  readonly text: (facts: Facts) => string;
  readonly next?: (facts: Facts) => string | undefined;
};

const fact = (facts: Facts, name: string): string => facts[name] ?? '?';

export const REFUSALS = {
  // What was asked makes no sense: 2
  input_invalid: row(400, 2, 'Invalid input', (f) => `${fact(f, 'field')}: ${fact(f, 'reason')}`),
  body_invalid: row(400, 2, 'Invalid body', (f) => `The body is not valid JSON: ${fact(f, 'reason')}`),
  body_too_large: row(413, 2, 'Body too large', (f) => `The body is larger than ${fact(f, 'limit')} bytes.`),
  head_too_large: row(
    431,
    2,
    'Address or headers too large',
    (f) => `The address and the headers together are larger than ${fact(f, 'limit')} bytes.`,
  ),
  media_type_unsupported: row(
    415,
    2,
    'Unsupported media type',
    (f) => `This call takes ${fact(f, 'expected')}.`,
  ),
  amount_invalid: row(400, 2, 'Invalid amount', (f) => fact(f, 'reason')),
  currency_unknown: row(400, 2, 'Unknown currency', (f) => fact(f, 'reason')),
  idempotency_key_missing: row(
    400,
    2,
    'Idempotency-Key missing',
    () => 'A call that moves money needs an Idempotency-Key header, so that asking again never pays twice.',
  ),
  password_weak: row(
    400,
    2,
    'Password not accepted',
    (f) => fact(f, 'reason'),
    (f) => f['next'],
  ),
  email_invalid: row(400, 2, 'Invalid e-mail address', (f) => fact(f, 'reason')),
  phone_invalid: row(
    400,
    2,
    'Invalid phone number',
    () =>
      'Write the phone number in E.164 form: a plus sign, the country code and the number, such as +4915112345678.',
  ),
  bank_account_invalid: row(
    400,
    2,
    'Bank account not accepted',
    (f) => `${fact(f, 'field')}: ${fact(f, 'reason')}.`,
    () => 'okpay bank requirements',
  ),
  report_invalid: row(
    400,
    2,
    'Status report refused',
    (f) => `Line ${fact(f, 'line')}: ${fact(f, 'reason')} Nothing was changed.`,
  ),
  statement_invalid: row(
    400,
    2,
    'Statement refused',
    // The service does not know the name of the file; the command does.
    (f) =>
      `${f['file'] === undefined ? 'Line' : `${f['file']}, line`} ${fact(f, 'line')}: ${fact(f, 'reason')} Nothing was booked.`,
  ),

  rates_invalid: row(
    400,
    2,
    'Rates refused',
    (f) =>
      `${f['file'] === undefined ? 'Line' : `${f['file']}, line`} ${fact(f, 'line')}: ${fact(f, 'reason')} Nothing was imported.`,
  ),

  usage_invalid: row(
    400,
    2,
    'Command not understood',
    (f) => fact(f, 'reason'),
    (f) => f['next'] ?? 'okpay --help',
  ),
  cancelled: row(400, 2, 'Cancelled', () => 'Cancelled: nothing was done.'),
  interrupted: row(400, 130, 'Interrupted', () => 'Interrupted.'),

  // A rule says no: 3
  insufficient_funds: row(
    422,
    3,
    'Not enough money',
    (f) => `This takes ${fact(f, 'needed')} and ${fact(f, 'available')} is available.`,
    () => 'okpay deposit',
  ),
  recipient_is_self: row(422, 3, 'Sending to yourself', () => 'You cannot send money to your own account.'),
  fee_exceeds_amount: row(
    422,
    3,
    'Fee exceeds the amount',
    (f) => `The fee of ${fact(f, 'fee')} leaves nothing of ${fact(f, 'amount')} for the recipient.`,
  ),
  rates_unconfigured: row(
    422,
    3,
    'No address for rates',
    () =>
      'The service does not know where rates of exchange are fetched from: OKPAY_RATES_URL is not set where it runs.',
    () => 'okpay help environment',
  ),
  account_closed: row(
    422,
    3,
    'Account closed',
    (f) => `You closed your account in ${fact(f, 'currency')}, so it takes no money.`,
    (f) => `okpay account open ${fact(f, 'currency')}`,
  ),
  account_not_empty: row(
    422,
    3,
    'Account not empty',
    (f) =>
      `There is ${fact(f, 'balance')} in the account, and ${fact(f, 'held')} is held. Only an empty one is closed.`,
    () => 'okpay balance',
  ),
  rate_unknown: row(
    422,
    3,
    'No rate of exchange',
    (f) => `There is no rate of exchange between ${fact(f, 'from')} and ${fact(f, 'to')}. Nothing was sent.`,
  ),
  rate_stale: row(
    422,
    3,
    'Rate of exchange too old',
    (f) =>
      `The last rate of exchange between ${fact(f, 'from')} and ${fact(f, 'to')} is of ${fact(f, 'at')} and was good until ${fact(f, 'goodUntil')}. Nothing was sent.`,
  ),
  fee_above_maximum: row(
    422,
    3,
    'Fee above your maximum',
    (f) => `The fee is ${fact(f, 'fee')} and you allowed at most ${fact(f, 'maximum')}. Nothing was sent.`,
  ),
  balance_limit: row(
    422,
    3,
    'Balance limit',
    () => 'That would make a balance larger than the ledger can hold.',
  ),
  limit_reached: row(
    422,
    3,
    'Limit reached',
    (f) => `There are ${fact(f, 'most')} ${fact(f, 'what')} already, and no more than that.`,
  ),
  reference_used: row(
    422,
    3,
    'Reference already used',
    (f) => `“${fact(f, 'reference')}” was already booked.`,
  ),
  hold_resolved: row(422, 3, 'Hold already resolved', (f) => `The hold was already ${fact(f, 'state')}.`),
  hold_exceeded: row(
    422,
    3,
    'More than was held',
    (f) => `${fact(f, 'amount')} cannot be taken from a hold of ${fact(f, 'held')}.`,
  ),
  intent_abandoned: row(
    422,
    3,
    'Abandoned',
    () => 'This payment was abandoned before it was made. Nothing moved.',
  ),
  role_insufficient: row(403, 3, 'Not allowed', (f) => `This needs the role “${fact(f, 'role')}”.`),
  console_only: row(
    403,
    3,
    'Only on the machine itself',
    () => 'This runs only on the machine that holds the database, without a server address.',
  ),
  staff_self: row(
    403,
    3,
    'Not to yourself',
    () => 'Staff cannot do this to their own account. It takes somebody else.',
  ),
  recipient_unavailable: row(
    422,
    3,
    'Recipient cannot be paid',
    () => 'The recipient cannot receive money at the moment. Nothing was sent.',
  ),
  four_eyes: row(
    403,
    3,
    'Somebody else decides',
    () => 'Who asks for something does not decide on it. It takes another person.',
    () => 'okpay admin approval list',
  ),
  unlock_needed: row(
    403,
    3,
    'Two people decide',
    () => 'Letting somebody log in again takes two people: ask for it.',
    (f) => `okpay admin unlock ${fact(f, 'holder')}`,
  ),
  name_differs: row(
    422,
    3,
    'Name of the account differs',
    (f) =>
      f['says'] === undefined
        ? 'The bank says that this account is in another name. Nothing was added.'
        : `The bank says that this account is in the name of “${f['says']}”. Nothing was added.`,
    () => 'okpay bank add --accept-name',
  ),
  bank_account_cooling: row(
    403,
    3,
    'Bank account is too new',
    (f) =>
      `This bank account was added a short while ago. It can be withdrawn to from ${fact(f, 'usableFrom')} on.`,
    () => 'okpay bank list',
  ),
  own_account_missing: row(
    422,
    3,
    'No account to pay from',
    (f) =>
      `The wallet has no bank account of its own for ${fact(f, 'currency')} that withdrawals are paid from.`,
    () => 'okpay admin bank add',
  ),
  withdrawal_ended: row(
    422,
    3,
    'Withdrawal not paid',
    (f) => `The withdrawal ${fact(f, 'id')} is ${fact(f, 'state')}. ${fact(f, 'reason')}`,
    (f) => `okpay why ${fact(f, 'id')}`,
  ),
  transfer_not_reversible: row(
    422,
    3,
    'Cannot be reversed',
    () => 'Only what one holder paid another is reversed. Anything else is put right by an adjustment.',
    () => 'okpay admin adjust',
  ),
  reversal_exceeded: row(
    422,
    3,
    'More than is left to reverse',
    (f) => `${fact(f, 'amount')} is more than the ${fact(f, 'left')} that is left to reverse.`,
  ),
  cases_too_many: row(
    422,
    3,
    'Too many open cases',
    (f) => `${fact(f, 'limit')} cases are open already. Write to one of them.`,
    () => 'okpay support list',
  ),
  case_full: row(
    422,
    3,
    'Case is full',
    (f) => `A case takes ${fact(f, 'limit')} messages. Open another one.`,
    () => 'okpay support open',
  ),
  bootstrap_done: row(
    409,
    6,
    'Staff exist already',
    () => 'The first staff member was already added; it works only once.',
    () => 'okpay login',
  ),

  // Who are you: 4
  session_required: row(
    401,
    4,
    'Not logged in',
    () => 'You are not logged in.',
    () => 'okpay login',
  ),
  session_expired: row(
    401,
    4,
    'Session ended',
    () => 'Your session has ended.',
    () => 'okpay login',
  ),
  credentials_invalid: row(401, 4, 'Login refused', () => 'The e-mail address or the password is not right.'),
  password_wrong: row(401, 4, 'Password not right', () => 'The current password is not right.'),
  email_unverified: row(
    403,
    4,
    'E-mail not verified',
    () => 'The e-mail address is not verified yet: type the code from the mail.',
    () => 'okpay verify CODE',
  ),
  code_invalid: row(
    422,
    4,
    'Code not accepted',
    () => 'The code is wrong, was used, or has expired.',
    (f) => f['next'] ?? 'okpay resend',
  ),
  session_unsafe: row(
    403,
    4,
    'Session file not safe',
    (f) => `The session file “${fact(f, 'path')}” was not used: ${fact(f, 'reason')}`,
    () => 'okpay login',
  ),

  second_factor_required: row(
    401,
    4,
    'Second factor needed',
    (f) =>
      `${f['reason'] ?? 'This account has a second factor.'} The code of the moment, or a recovery code, is needed too.`,
    () => 'okpay help environment',
  ),
  second_factor_missing: row(
    403,
    4,
    'Second factor needed',
    () => 'This needs a second factor, and this session began without one. Turn it on, then log in again.',
    () => 'okpay 2fa enable',
  ),
  second_factor_invalid: row(
    401,
    4,
    'Code not accepted',
    () => 'The code is not right, or was used already. Wait for the next one.',
  ),
  second_factor_on: row(
    409,
    6,
    'Second factor is on',
    () => 'This account has a second factor already. To use another one, turn this one off first.',
    () => 'okpay 2fa status',
  ),
  second_factor_off: row(
    409,
    6,
    'No second factor',
    () => 'This account has no second factor. Turn it on first.',
    () => 'okpay 2fa enable',
  ),
  proof_required: row(
    403,
    4,
    'Prove that it is you',
    (f) => `This asks for your ${fact(f, 'with')} once more.`,
    () => 'okpay login',
  ),
  scope_insufficient: row(
    403,
    3,
    'Token not allowed',
    (f) => `This token may not do that: it takes the scope “${fact(f, 'scope')}”.`,
    () => 'okpay token create',
  ),
  token_invalid: row(
    401,
    4,
    'Token not good',
    () => 'This token is not good: it was revoked, it has expired, or it never was one.',
    () => 'okpay token create',
  ),
  session_only: row(
    403,
    4,
    'Takes a session',
    () => 'This takes a session: no token may do it, whatever its scopes.',
    () => 'okpay login',
  ),
  network_not_allowed: row(
    403,
    3,
    'Token not allowed from there',
    (f) => `This token may not be used from ${fact(f, 'network')}: it was made for other networks.`,
    () => 'okpay token list',
  ),
  payee_not_allowed: row(
    403,
    3,
    'Token may not pay them',
    (f) => `This token may not pay ${fact(f, 'to')}: it was made for other payees. Nothing was sent.`,
    () => 'okpay token list',
  ),
  plan_not_allowed: row(
    403,
    3,
    'Token only for a plan',
    (f) =>
      `This token pays only what the payout plan “${fact(f, 'plan')}” says, and this is not part of it. Nothing was sent.`,
    () => 'okpay token list',
  ),
  cap_exceeded: row(
    422,
    3,
    'Cap of the token',
    (f) =>
      f['resetsAt'] === undefined
        ? `This takes ${fact(f, 'needed')}, and this token may pay at most ${fact(f, 'cap')} at once.`
        : `This takes ${fact(f, 'needed')}, and of the ${fact(f, 'cap')} that this token may pay in a ${fact(f, 'per')}, ${fact(f, 'used')} is used. That begins anew at ${fact(f, 'resetsAt')}.`,
    () => 'okpay token list',
  ),
  limit_exceeded: row(
    422,
    3,
    'Limit of the account',
    (f) => {
      const verb = { convert: 'convert', withdraw: 'withdraw' }[f['direction'] ?? ''] ?? 'send';
      return f['resetsAt'] === undefined
        ? `This takes ${fact(f, 'needed')}, and this account may ${verb} at most ${fact(f, 'limit')} at once.`
        : `This takes ${fact(f, 'needed')}, and of the ${fact(f, 'limit')} that this account may ${verb} in a ${fact(f, 'per')}, ${fact(f, 'used')} is used. That begins anew at ${fact(f, 'resetsAt')}.`;
    },
    () => 'okpay limits',
  ),
  recipient_limited: row(
    422,
    3,
    'More than the recipient may receive',
    () => 'The recipient cannot receive so much at the moment. Nothing was sent.',
  ),
  limit_uncountable: row(
    422,
    3,
    'Limit cannot be counted',
    (f) =>
      `A limit is counted in ${fact(f, 'currency')}, and there is no exchange rate that says how much of it ${fact(f, 'amount')} is. So it cannot be done at the moment.`,
    () => 'okpay limits',
  ),
  account_restricted: row(
    403,
    3,
    'Account restricted',
    (f) => `This account may not ${fact(f, 'capability')} at the moment. Support knows why.`,
    () => 'okpay support open',
  ),

  // It is not there: 5
  route_unknown: row(404, 5, 'No such address', () => 'There is nothing at this address.'),
  method_not_allowed: row(405, 2, 'Method not allowed', (f) => `This address takes ${fact(f, 'allow')}.`),
  recipient_unknown: row(
    404,
    5,
    'Recipient not found',
    (f) => `There is no verified holder or saved payee “${fact(f, 'to')}”.`,
    () => 'okpay payee list',
  ),
  not_found: row(
    404,
    5,
    'Not found',
    (f) => `There is no ${fact(f, 'thing')} “${fact(f, 'id')}” that you can see.`,
  ),

  // It clashes with what is there: 6
  idempotency_mismatch: row(
    422,
    6,
    'Key used for something else',
    (f) => `This Idempotency-Key was used before with another “${fact(f, 'field')}”. Nothing was done.`,
  ),
  idempotency_running: row(
    409,
    8,
    'Still running',
    () => 'The first call with this Idempotency-Key is still running. Ask again in a moment.',
    () => 'okpay pending',
  ),
  token_exists: row(
    409,
    6,
    'Name taken',
    (f) => `You already have a token called “${fact(f, 'name')}”.`,
    () => 'okpay token list',
  ),
  token_limit: row(
    409,
    6,
    'Too many tokens',
    (f) => `You have ${fact(f, 'limit')} tokens already, and that is the most: revoke one first.`,
    () => 'okpay token list',
  ),
  bank_account_exists: row(
    409,
    6,
    'Bank account is there already',
    () => 'You have added this bank account already.',
    () => 'okpay bank list',
  ),
  withdrawal_decided: row(
    409,
    6,
    'Too late for that',
    (f) => `That is not possible any more: the withdrawal is ${fact(f, 'state')}.`,
    (f) => `okpay withdraw show ${fact(f, 'id')}`,
  ),
  withdrawal_pending: row(
    409,
    8,
    'Withdrawal still under way',
    (f) => `The withdrawal ${fact(f, 'id')} is ${fact(f, 'state')}.`,
    (f) => `okpay withdraw watch ${fact(f, 'id')}`,
  ),
  payee_exists: row(409, 6, 'Name taken', (f) => `You already have a payee called “${fact(f, 'name')}”.`),
  intent_done: row(
    409,
    6,
    'Already paid',
    (f) => `“${fact(f, 'key')}” has already paid, so it cannot be abandoned any more.`,
    (f) => `okpay show ${fact(f, 'transfer')}`,
  ),
  restriction_lifted: row(
    409,
    6,
    'Lifted already',
    (f) => `The restriction “${fact(f, 'id')}” does not hold any more.`,
  ),
  approval_decided: row(
    409,
    6,
    'Decided already',
    (f) => `That is not possible any more: it is ${fact(f, 'state')}.`,
    (f) => `okpay admin approval show ${fact(f, 'id')}`,
  ),
  quote_used: row(
    409,
    6,
    'Quote already used',
    () => 'This quote was already used: each quote pays once.',
    (f) => `okpay quote ${fact(f, 'quote')}`,
  ),

  // Too late: 7
  quote_expired: row(
    410,
    7,
    'Quote expired',
    (f) => `The quote expired at ${fact(f, 'expiresAt')}. Nothing was sent.`,
    () => 'okpay send',
  ),

  // Nobody knows: 10
  outcome_unknown: row(
    503,
    10,
    'Outcome unknown',
    () =>
      'No answer came back, so it is not known whether this was done. Asking again with the same key settles it.',
    () => 'okpay pending',
  ),

  journal_damaged: row(
    409,
    10,
    'Journal file not readable',
    (f) =>
      `“${fact(f, 'path')}” ${fact(f, 'reason')}. It may stand for a payment that was interrupted, so nothing new was sent. Find out whether that was paid, then delete the file.`,
    (f) => f['next'] ?? 'okpay history',
  ),

  // Nothing happened, and it is not your fault: 11
  service_unreachable: row(503, 11, 'Service unreachable', (f) => `${fact(f, 'reason')} Nothing happened.`),
  rates_unreachable: row(
    503,
    11,
    'Rates not fetched',
    (f) => `The rates at ${fact(f, 'url')} were not fetched: ${fact(f, 'reason')}. Nothing was changed.`,
  ),
  service_stopping: row(
    503,
    11,
    'Service stopping',
    () => 'The service is stopping and takes no new calls. Nothing happened.',
  ),
  busy: row(
    503,
    11,
    'Too busy',
    () => 'The service has too much to do just now. Nothing happened; ask again.',
  ),
  request_late: row(
    408,
    11,
    'Request too slow',
    () => 'The request did not arrive in time. Nothing happened; ask again.',
  ),
  storage_full: row(
    503,
    11,
    'Disk full',
    () => 'The disk is full, so nothing was written and nothing moved.',
  ),
  journal_unwritable: row(
    503,
    11,
    'Journal not writable',
    (f) =>
      `What is about to be sent could not be written down in “${fact(f, 'path')}” (${fact(f, 'reason')}). Nothing was sent.`,
  ),
  database_held: row(
    503,
    11,
    'Database in use',
    (f) => `${fact(f, 'holder')} holds the database file. Nothing happened.`,
    (f) => fact(f, 'advice'),
  ),
  database_newer: row(
    503,
    11,
    'Database is newer',
    (f) =>
      `The database was written by a newer okpay (schema ${fact(f, 'found')}, this one knows ${fact(f, 'known')}). Nothing was changed.`,
    () => 'npm install -g okpay@latest',
  ),
  database_older: row(
    503,
    11,
    'Database is older',
    (f) =>
      `The database has schema ${fact(f, 'found')} and this okpay needs ${fact(f, 'known')}, but the login in OKPAY_DATABASE_URL may not change tables. Nothing was changed: migrate it with one that may.`,
    () => 'okpay db migrate',
  ),
  database_damaged: row(
    503,
    11,
    'Not a database',
    (f) => `“${fact(f, 'path')}” is not an okpay database. Nothing was changed.`,
  ),
  database_not_empty: row(
    409,
    6,
    'Database not empty',
    (f) =>
      `${fact(f, 'what')} Nothing was changed. With --force the backup takes its place, and it is kept under another name.`,
    () => 'okpay db status',
  ),
  backup_unusable: row(
    400,
    2,
    'Not usable as a backup',
    (f) => `“${fact(f, 'path')}” cannot be restored. ${fact(f, 'reason')} Nothing was changed.`,
  ),
  program_missing: row(
    503,
    11,
    'A program is missing',
    (f) => `This needs ${fact(f, 'program')}: ${fact(f, 'reason')} Nothing happened.`,
  ),
  program_failed: row(
    500,
    1,
    'A program failed',
    (f) => `${fact(f, 'program')} did not do its work: ${fact(f, 'reason')}. Nothing was changed.`,
  ),
  keys_unusable: row(
    503,
    11,
    'Keys not usable',
    (f) =>
      `The keys that open sealed secrets are needed, and “${fact(f, 'path')}” was not used: ${fact(f, 'reason')}.`,
    () => 'okpay doctor',
  ),
  keychain_unavailable: row(
    503,
    11,
    'Keychain not there',
    (f) =>
      `The keychain (${fact(f, 'keychain')}) cannot be used: ${fact(f, 'reason')} Nothing was kept anywhere else instead.`,
    (f) => f['next'] ?? 'okpay login --no-keychain',
  ),
  too_many_attempts: row(
    429,
    3,
    'Too many attempts',
    (f) => `Too many attempts. Wait ${waitOf(fact(f, 'retryAfter'))}.`,
    (f) => f['next'],
  ),

  audit_unsound: row(
    500,
    1,
    'The audit log is not sound',
    (f) => `The audit log is not sound: record ${fact(f, 'record')} ${fact(f, 'reason')}.`,
  ),

  ledger_unsound: row(
    500,
    1,
    'The ledger is not sound',
    (f) => `The ledger is not sound. Findings: ${fact(f, 'count')}.\n${fact(f, 'findings')}`,
  ),
  not_reconciled: row(
    409,
    1,
    'The bank and our book differ',
    (f) => `Bank accounts that are not reconciled: ${fact(f, 'count')}.`,
    () => 'okpay admin reconcile',
  ),
  database_unsound: row(
    500,
    1,
    'The database is not sound',
    (f) => `The database is not sound. Findings: ${fact(f, 'count')}.\n${fact(f, 'findings')}`,
  ),
  backup_unsound: row(
    500,
    1,
    'The books in the backup are not sound',
    (f) =>
      `“${fact(f, 'file')}” was written, but its books are not sound, as those it was made from. Findings: ${fact(f, 'count')}.\n${fact(f, 'findings')}`,
    () => 'okpay db verify',
  ),
  service_failed: row(
    500,
    1,
    'The service ended itself',
    (f) =>
      `The service ended itself, as it must not go on: ${fact(f, 'reason')}. What it answered stands; asking again with the same key settles the rest.`,
    () => 'okpay serve',
  ),
  checks_failed: row(500, 1, 'Something is wrong', (f) => `Problems found: ${fact(f, 'count')}.`),
  unexpected: row(500, 1, 'Unexpected', () => 'Something went wrong inside okpay. It was logged.'),
} as const satisfies Record<string, Row>;

export type RefusalCode = keyof typeof REFUSALS;

/** The body of every answer that is not a success: RFC 9457 problem details with our stable code and facts. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: RefusalCode;
  detail: string;
  facts: Record<string, string>;
  next?: string;
  /** The id under which `okpay why` explains this refusal later, when it was recorded. */
  instance?: string;
};

/** An expected outcome that is not “done”: one row of the table plus its facts. Thrown by the service and, the same, by the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly facts: Readonly<Record<string, string>>;
  readonly id: string | undefined;

  constructor(code: RefusalCode, facts: Readonly<Record<string, string>> = {}, id?: string) {
    super(REFUSALS[code].text(facts));
    this.code = code;
    this.facts = facts;
    this.id = id;
  }

  get status(): number {
    return REFUSALS[this.code].status;
  }

  get exitCode(): number {
    return REFUSALS[this.code].exit;
  }

  /** The command that helps, if one does. */
  get next(): string | undefined {
    return REFUSALS[this.code].next?.(this.facts);
  }

  toProblem(): Problem {
    const next = this.next;
    return {
      type: `urn:okpay:problem:${this.code}`,
      title: REFUSALS[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      facts: { ...this.facts },
      ...(next === undefined ? {} : { next }),
      ...(this.id === undefined ? {} : { instance: this.id }),
    };
  }

  /** The refusal a problem body describes, or undefined when the body is not one of ours. */
  static fromProblem(body: unknown): Refusal | undefined {
    if (typeof body !== 'object' || body === null) return undefined;
    const { code, facts, instance } = body as Partial<Problem>;
    if (typeof code !== 'string' || !Object.hasOwn(REFUSALS, code)) return undefined;
    return new Refusal(code, textsOf(facts), typeof instance === 'string' ? instance : undefined);
  }
}

/** So many seconds in the unit that says it best. */
function waitOf(seconds: string): string {
  const [unit, length] = UNITS.find(([, each]) => Number(seconds) >= 2 * each) ?? ['seconds', 1];
  return length === 1 ? `${seconds} seconds` : `${Math.ceil(Number(seconds) / length)} ${unit}`;
}

const UNITS = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
] as const;

/** The facts of a body that may come from anywhere: texts by name, and nothing else. */
function textsOf(facts: unknown): Facts {
  if (typeof facts !== 'object' || facts === null) return {};
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value === 'string'));
}

function row(
  status: number,
  exit: number,
  title: string,
  text: (facts: Facts) => string,
  next?: (facts: Facts) => string | undefined,
): Row {
  return { status, exit, title, text, ...(next ? { next } : {}) };
}
