import * as z from 'zod/mini';
import { CURRENCY_DIGITS } from '../currencies.ts';
import { ACTIONS, ACTIVITY_KINDS } from './actions.ts';
import { once } from './once.ts';
import { REFUSALS } from './refusals.ts';

/** Limits of the contract, each enforced by the schemas below or by a use-case, and shown in the API reference. */
export const LIMITS = {
  emailLength: 254,
  displayNameLength: 100,
  noteLength: 140,
  payeeNameLength: 60,
  reasonLength: 200,
  passwordBytes: 1024,
  pageSize: 100,
  idempotencyKeyLength: 255,
  bodyBytes: 65_536,
  transfersAtOnce: 1_000,
  /** A list of that many transfers with the longest keys and notes fits. */
  transfersBodyBytes: 2_097_152,
  statementBytes: 1_073_741_824,
  statementsInOneFile: 10_000,
  sessions: 50,
  devices: 1_000,
  payees: 1_000,
  /** Bank accounts of one holder. */
  bankAccounts: 50,
  bankFieldLength: 64,
  /** Of the wallet itself. */
  ownAccounts: 100,
  reportBytes: 67_108_864,
  /** Withdrawals in one file for a bank. */
  batchPayments: 10_000,
  /** Versions of one fee rule that are announced and not in force yet. */
  announcedFees: 20,
  /** How long a rate of exchange may be said to be good: a year. */
  rateHours: 8_784,
  spreadBasisPoints: 5_000,
  /** What an audit finds wrong is counted; so much of it is listed. */
  findings: 100,
  /** Restrictions of one account that are listed, the newest. */
  restrictions: 1_000,
  tokens: 50,
  tokenDays: 366,
  tokenCaps: 30,
  tokenPayees: 100,
  tokenNetworks: 50,
  staffNoteLength: 1_000,
  caseTitleLength: 100,
  caseTextLength: 4_000,
  openCases: 5,
  /** Levels that accounts can be at. */
  levels: 50,
  caseMessages: 500,
  traceDepth: 10,
  /** What a rehearsal bank takes and remembers. */
  bankFiles: 100,
  bankFileLength: 67_108_864,
  bankWaiting: 100_000,
  /** What else is listed is at most so long. */
  listed: 10_000,
} as const;

/**
 * A schema with what the OpenAPI document says of it, and nothing here checks: a use-case reads it and says better what is
 * wrong, or it is of an answer, which an older client takes also when a newer service says more.
 */
function about<Schema extends z.ZodMiniType>(schema: Schema, said: z.core.GlobalMeta): Schema {
  z.globalRegistry.add(schema, said);
  return schema;
}

/**
 * Text a database can give back exactly as it was written: PostgreSQL has no NUL, and half a surrogate pair has no UTF-8.
 * Everything else is kept as it is, and made safe where it is shown.
 */
const isKept = (value: string) => value.isWellFormed() && !value.includes('\0');
const kept = z.refine<string>(isKept, { error: 'has a character in it that cannot be kept' });
/** The same as a pattern of JSON Schema. */
const KEPT = '[^\\u0000\\ud800-\\udfff]';
const text = (maximum: number) =>
  about(z.string().check(z.minLength(1), z.maxLength(maximum), kept), { pattern: `^${KEPT}+$` });
const id = text(64);

/** Text of an answer, of a form of its own. */
const told = (maxLength: number, form: { pattern: string } | { format: string }) =>
  about(z.string(), { maxLength, ...form });
/** Text of an answer. */
const words = (maxLength: number) => told(maxLength, { pattern: `^${KEPT}*$` });
/** One of a few words of an answer. */
const oneOf = (words: readonly string[]) => about(z.string(), { enum: words });
/** The longest sentence of an answer, with all the text of other people in it. */
const SENTENCE_LENGTH = 4_000;
const sentence = once(() => words(SENTENCE_LENGTH));
const idOf = once(() => told(30, { pattern: '^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$' }));
const time = about(z.string().check(z.maxLength(40)), { format: 'date-time' });
/** What is kept of a time sorts as text, which a year of five digits would not. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const hasFourDigitYear = (value: string) => !(Date.parse(value) < FIRST_MS || Date.parse(value) > LAST_MS);
const time3339 = once(() =>
  z.iso
    .datetime({ offset: true })
    .check(z.maxLength(64), z.refine(hasFourDigitYear, { error: 'takes a time from the year 0 to 9999' })),
);
const email = about(text(LIMITS.emailLength), { format: 'idn-email' });
const address = once(() => told(LIMITS.emailLength, { format: 'idn-email' }));
const password = about(z.string().check(z.minLength(1), z.maxLength(LIMITS.passwordBytes)), {
  format: 'password',
});
const E164 = '^\\+[1-9][0-9]{6,14}$';
const CURRENCY = { pattern: '^[A-Za-z]{3}$', examples: ['EUR'] };
const AMOUNT = { pattern: '^(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?$', examples: ['12.50'] };
const currency = once(() => about(text(16), CURRENCY));
/** An amount whose currency is said elsewhere. */
const amount = once(() => about(text(64), AMOUNT));
/** A currency of an answer; a bank's statement may name none, or one that ISO 4217 does not know. */
const currencyCode = once(() => told(3, { pattern: '^([A-Z]{3})?$' }));
/** A sum over a book or a bank's file, which may be less than nothing. */
const sum = once(() => told(64, { pattern: '^-?[0-9]+(\\.[0-9]+)?$' }));
const count = once(() => z.int().check(z.minimum(0)));
/** A code of the second factor: six digits, or a recovery code. */
const factorCode = text(64);

/** `{ "amount": "12.50", "currency": "EUR" }`: a decimal string, never a number. The use-case reads it with money.ts. */
export const wireMoney = z.strictObject({
  amount: about(z.string().check(z.maxLength(64)), AMOUNT),
  currency: about(z.string().check(z.maxLength(16)), CURRENCY),
});

/** Money of an answer that may be less than nothing: an entry, or the balance of an account of the system. */
const signedMoney = once(() => z.object({ amount: sum(), currency: currencyCode() }));

/** A list of an answer. */
function listOf<Item extends z.ZodMiniType>(item: Item, maxItems: number) {
  return about(z.array(item), { maxItems });
}

const wholeNumber = (minimum: number, maximum: number) =>
  z.int().check(z.minimum(minimum), z.maximum(maximum));

/** A whole number of a query, which has it as text, in digits as JSON writes them. A body has numbers (ASVS V15.3.5). */
function inQuery(number: z.ZodMiniType<number, number>) {
  const fromText = z.transform((value: unknown) =>
    typeof value === 'string' && /^(?:0|[1-9][0-9]{0,8})$/.test(value) ? Number(value) : value,
  );
  return z.pipe(fromText, number) as unknown as z.ZodMiniType<number, number>;
}

const pageInBody = once(() => ({
  cursor: z.optional(text(64)),
  limit: z.optional(wholeNumber(1, LIMITS.pageSize)),
}));
const page = once(() => ({
  ...pageInBody(),
  limit: z.optional(inQuery(wholeNumber(1, LIMITS.pageSize))),
}));

const nothing = once(() => z.strictObject({}));

/** What is written of a name is at most this long. */
const name = once(() => words(LIMITS.displayNameLength));
const party = once(() => z.object({ id: z.optional(idOf()), name: name(), email: z.optional(address()) }));

const STAFF_ROLES = ['viewer', 'support', 'senior', 'admin'] as const;

const user = once(() =>
  z.object({
    id: idOf(),
    email: address(),
    displayName: name(),
    phone: z.optional(told(16, { pattern: E164 })),
    role: z.optional(oneOf(STAFF_ROLES)),
    createdAt: time,
  }),
);

const DEVICE_LENGTH = 100;
/** From where somebody called: a network, `console` for the machine of the service, `unknown`. */
const network = once(() => words(64));
/** A secret that is told once: its prefix and 256 random bits. */
const secretOf = (prefix: string) => told(47, { pattern: `^${prefix}_[A-Za-z0-9_-]{43}$` });

const endedSessions = once(() =>
  listOf(z.object({ id: idOf(), device: words(DEVICE_LENGTH) }), LIMITS.sessions),
);

const session = once(() =>
  z.object({
    id: idOf(),
    device: words(DEVICE_LENGTH),
    /** The device itself, when it is one the account knows. */
    deviceId: z.optional(idOf()),
    /** From where it began: a network, or `console` for the machine of the service itself. */
    network: network(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
    current: z.boolean(),
  }),
);

const device = once(() =>
  z.object({
    id: idOf(),
    name: words(DEVICE_LENGTH),
    network: network(),
    createdAt: time,
    lastUsedAt: time,
    current: z.boolean(),
  }),
);

const activityKind = z.enum(ACTIVITY_KINDS);

/** What a token may be allowed. */
const scope = z.enum(['read', 'pay', 'payees', 'staff']);
const capPer = z.enum(['payment', 'day', 'month']);
const tokenName = once(() => words(60));

const token = once(() =>
  z.object({
    id: idOf(),
    name: tokenName(),
    scopes: listOf(scope, 4),
    caps: listOf(
      z.object({
        per: capPer,
        most: wireMoney,
        /** What is used of it in the day or month, in UTC, that `resetsAt` ends. */
        used: z.optional(wireMoney),
        resetsAt: z.optional(time),
      }),
      LIMITS.tokenCaps,
    ),
    /** Whom it may pay; anybody when absent. */
    payees: z.optional(listOf(party(), LIMITS.tokenPayees)),
    /** From where it may be used; from anywhere when absent. */
    networks: z.optional(listOf(network(), LIMITS.tokenNetworks)),
    plan: z.optional(words(64)),
    createdAt: time,
    expiresAt: time,
    lastUsedAt: z.optional(time),
    lastNetwork: z.optional(network()),
  }),
);

/** What a payment kind can be; each kind has its own line in the fee schedule. */
export const feeKind = z.enum(['transfer', 'conversion', 'merchant', 'withdrawal']);

/** What can be priced before it is paid: to somebody, between one's own accounts, or out to a bank. */
const quoteKind = z.enum(['transfer', 'conversion', 'withdrawal']);

const feeRule = once(() =>
  z.object({
    /** `default` where the operator set none. */
    id: told(30, { pattern: '^(default|fee_[0-9a-hjkmnp-tv-z]{26})$' }),
    kind: feeKind,
    currency: currencyCode(),
    /** Hundredths of a percent of the amount. */
    basisPoints: count(),
    fixed: wireMoney,
    minimum: wireMoney,
    maximum: z.optional(wireMoney),
    effectiveFrom: time,
  }),
);

export const limitDirection = z.enum(['in', 'out', 'convert', 'withdraw']);
/** The name of a level: a small letter, then letters, digits and hyphens. */
const LEVEL = /^[a-z][a-z0-9-]*$/;
const levelName = once(() =>
  about(
    z.string().check(
      z.maxLength(30),
      z.refine((value) => LEVEL.test(value), {
        error: 'takes small letters, digits and hyphens, a letter first',
      }),
    ),
    { pattern: LEVEL.source },
  ),
);
const levelAgain = once(() => words(30));

const level = once(() =>
  z.object({
    level: levelAgain(),
    limits: listOf(z.object({ direction: limitDirection, per: capPer, most: wireMoney }), 12),
  }),
);

const warning = once(() =>
  z.object({
    code: z.enum(['first_payment', 'similar_payee', 'insufficient_funds']),
    text: sentence(),
  }),
);

/** A rate of exchange of an answer: what one unit of the paying currency is worth, so many significant digits of it. */
const rate = once(() => told(64, { pattern: '^[0-9]+(\\.[0-9]+)?$' }));

/** How one currency is changed into another. */
const exchange = once(() =>
  z.object({
    /** The middle of the market, and what is given: less by the spread. */
    midMarket: rate(),
    rate: rate(),
    /** The middle of the market without rounding, as a fraction. */
    exact: told(200, { pattern: '^[0-9]+/[0-9]+$' }),
    /** Hundredths of a percent. */
    spreadBasisPoints: count(),
    source: sentence(),
    /** For when the rate was found out. */
    at: time,
    /** What all of it costs against the middle of the market, fees included, rounded up. */
    cost: wireMoney,
  }),
);

const quote = once(() =>
  z.object({
    id: idOf(),
    kind: quoteKind,
    to: party(),
    feeFrom: z.enum(['sender', 'recipient']),
    /** The side whose amount was asked for: what is paid, or what arrives. */
    fixed: z.enum(['source', 'target']),
    youPay: wireMoney,
    /** All fees together, in the currency that pays; they are in what is paid. */
    fee: wireMoney,
    fees: listOf(z.object({ kind: feeKind, name: sentence(), amount: wireMoney }), 4),
    theyGet: wireMoney,
    /** Between two currencies. */
    exchange: z.optional(exchange()),
    /** When the money will be there, in words. */
    arrives: sentence(),
    createdAt: time,
    expiresAt: time,
    state: z.enum(['open', 'used', 'expired']),
    transfer: z.optional(idOf()),
    /** The bank account that a withdrawal goes to, and the withdrawal it was used for. */
    bankAccount: z.optional(idOf()),
    withdrawal: z.optional(idOf()),
    warnings: listOf(warning(), 3),
  }),
);

/** Visible ASCII, as a header takes it. */
const key = once(() =>
  z.string().check(z.minLength(1), z.maxLength(LIMITS.idempotencyKeyLength), z.regex(/^[\x21-\x7e]+$/)),
);

/** A key or an id that an answer repeats. */
const keyAgain = once(() => words(LIMITS.idempotencyKeyLength));

/** Pays exactly what a quote says. */
const quotedPayment = once(() => ({
  quote: id,
  note: z.optional(text(LIMITS.noteLength)),
  maximumFee: z.optional(amount()),
}));

/** Pays an amount at the fee of the moment, never above `maximumFee`. */
const directPayment = once(() => ({
  to: text(LIMITS.emailLength),
  amount: wireMoney,
  feeFrom: z.optional(z.enum(['sender', 'recipient'])),
  note: z.optional(text(LIMITS.noteLength)),
  maximumFee: z.optional(amount()),
}));

/** Decide and answer as if paying, then write nothing. */
const dryRun = once(() => z.optional(z.boolean()));

/** A row of a list that is not written right, with its key when that is. */
type Malformed = { malformed: readonly z.core.$ZodIssue[]; key?: string };

/** A row that, when it is not written right, is told apart instead of spoiling the list it is in. */
function orMalformed<Row extends z.ZodMiniType<{ key: string }>>(row: Row) {
  return z.catch(
    row as unknown as z.ZodMiniType<z.output<Row> | Malformed, z.input<Row>>,
    ({ error, input }): Malformed => {
      const found = z.object({ key: key() }).safeParse(input);
      return { malformed: error.issues, ...(found.success ? { key: found.data.key } : {}) };
    },
  );
}

/** Figures and names by what they are. */
const facts = once(() => z.record(told(64, { pattern: '^[A-Za-z]+$' }), sentence()));
/** What to type. */
const command = once(() => told(SENTENCE_LENGTH, { pattern: `^okpay ${KEPT}+$` }));

/** RFC 9457 problem details, as Refusal.toProblem gives them. */
const problem = once(() =>
  z.object({
    /** A URN of the code. */
    type: told(64, { pattern: '^urn:okpay:problem:[a-z_]+$' }),
    title: oneOf([...new Set(Object.values(REFUSALS).map(({ title }) => title))]),
    status: z.int().check(z.minimum(400), z.maximum(599)),
    code: oneOf(Object.keys(REFUSALS)),
    /** A sentence for people. */
    detail: sentence(),
    facts: facts(),
    /** The okpay command that helps. */
    next: z.optional(command()),
    /** The id under which this refusal can be asked about. */
    instance: z.optional(idOf()),
  }),
);

/** A day of an answer. */
const day = once(() => told(10, { pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }));

/** ISO 11649. */
const depositReference = once(() => told(16, { pattern: '^RF[0-9]{2}[A-Z]{12}$' }));

const note = once(() => words(LIMITS.noteLength));

const transfer = once(() =>
  z.object({
    id: idOf(),
    kind: z.enum([
      'transfer',
      'conversion',
      'deposit',
      'assignment',
      'suspense',
      'adjustment',
      'reversal',
      'withdrawal',
      'return',
      'fee-refund',
    ]),
    state: z.enum(['done', 'dry_run']),
    at: time,
    from: party(),
    to: party(),
    /** `in` when money came to the one who asks, `out` when it left, `own` when it went between accounts of theirs. */
    direction: z.enum(['in', 'out', 'own', 'other']),
    paid: wireMoney,
    fee: wireMoney,
    received: wireMoney,
    note: z.optional(note()),
    reference: z.optional(depositReference()),
    quote: z.optional(idOf()),
    balanceAfter: z.optional(wireMoney),
    /** The withdrawal it paid out, or brought back. */
    withdrawal: z.optional(idOf()),
    /** The token that paid, for the payer to see. */
    token: z.optional(idOf()),
  }),
);

const payee = once(() =>
  z.object({ id: idOf(), name: words(LIMITS.payeeNameLength), to: party(), createdAt: time }),
);

/** What is kept of a bank's text. */
const bankText = once(() => words(500));

/** A day, as a bank wrote it, or none. */
const bankDay = once(() => told(10, { pattern: '^([0-9]{4}-[0-9]{2}-[0-9]{2})?$' }));

const countryCode = once(() => told(2, { pattern: '^[A-Z]{2}$' }));
/** What bank accounts are known by in one country or another. */
const BANK_FIELDS = [
  'iban',
  'bic',
  'routingNumber',
  'sortCode',
  'bsb',
  'institutionNumber',
  'transitNumber',
  'ifsc',
  'bankCode',
  'branchCode',
  'accountNumber',
  'accountType',
] as const;
/** Their names. */
const bankField = { pattern: '^[A-Za-z]{1,32}$' };

const bankAccount = once(() =>
  z.object({
    id: idOf(),
    country: countryCode(),
    currency: currencyCode(),
    holderName: words(LIMITS.displayNameLength),
    /** The last four characters of its number. */
    ending: words(4),
    /** What banks know it by, whole, where that was asked for. */
    details: z.optional(z.record(told(32, bankField), words(LIMITS.bankFieldLength))),
    /** What the bank said of the name: `none` where no bank can be asked. */
    nameCheck: z.enum(['match', 'close_match', 'no_match', 'unavailable', 'none']),
    bankSays: z.optional(words(140)),
    addedAt: time,
    /** From when on it can be withdrawn to. */
    usableFrom: time,
  }),
);

const WITHDRAWAL_STATES = [
  'requested',
  'approved',
  'batched',
  'sent',
  'settled',
  'returned',
  'cancelled',
  'rejected',
  'failed',
] as const;
export const withdrawalState = z.enum(WITHDRAWAL_STATES);

/** A withdrawal in the words of all who may see it. */
const withdrawalFields = once(() => ({
  id: idOf(),
  state: withdrawalState,
  /** All that leaves the account, of that the fee, and what arrives at the bank. */
  paid: wireMoney,
  fee: wireMoney,
  amount: wireMoney,
  requestedAt: time,
  /** What became of it, the oldest first. */
  moves: listOf(z.object({ state: withdrawalState, at: time, reason: z.optional(sentence()) }), 20),
  /** What moved the money: out, back, and the fee back. */
  transfer: z.optional(idOf()),
  returnedBy: z.optional(idOf()),
  feeRefund: z.optional(idOf()),
}));

const withdrawal = once(() =>
  z.object({
    ...withdrawalFields(),
    to: z.object({
      id: idOf(),
      holderName: words(LIMITS.displayNameLength),
      country: countryCode(),
      ending: words(4),
    }),
    /** When the money will be at the bank. */
    arrives: sentence(),
    quote: idOf(),
  }),
);

const staffWithdrawal = once(() =>
  z.object({
    ...withdrawalFields(),
    holder: maskedHolder(),
    /** Whose account it goes to, masked. */
    to: sentence(),
    /** What two people decide about it. */
    approval: z.optional(idOf()),
    batch: z.optional(idOf()),
    endToEndId: words(35),
  }),
);

const paymentVersion = z.enum(['pain.001.001.09', 'pain.001.001.03']);

const batch = once(() =>
  z.object({
    id: idOf(),
    /** What banks know it by. */
    messageId: words(35),
    /** The wallet's own account that pays. */
    iban: words(34),
    currency: currencyCode(),
    payments: count(),
    total: wireMoney,
    version: paymentVersion,
    /** A day. */
    executeOn: told(10, { pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
    madeAt: time,
    madeBy: who(),
    fileName: words(64),
  }),
);

const ownAccount = once(() =>
  z.object({
    iban: words(34),
    currency: currencyCode(),
    bic: z.optional(words(11)),
    name: words(LIMITS.displayNameLength),
    addedAt: time,
  }),
);

const withdrawalRules = once(() =>
  z.object({
    /** How long a new bank account cannot be withdrawn to, in hours. */
    coolOffHours: count(),
    /** Whether the fee is given back when a bank returns the money. */
    refundFee: z.boolean(),
    /** Up to these no person has to agree, by currency; in others somebody always has to. */
    automatic: listOf(wireMoney, CURRENCIES),
    /** Whether banks are asked for the names of accounts. */
    nameCheck: z.boolean(),
  }),
);

/** What became of a bank entry that no holder was found for. */
export const suspenseState = z.enum(['open', 'assigned', 'returning', 'returned']);

const suspenseItem = once(() =>
  z.object({
    transfer: idOf(),
    at: time,
    bookedOn: bankDay(),
    direction: z.enum(['credit', 'debit']),
    amount: wireMoney,
    remittance: bankText(),
    counterparty: bankText(),
    reason: sentence(),
    state: suspenseState,
    /** What the bank is to call the payment that returns it, once that is decided. */
    returnReference: z.optional(words(35)),
  }),
);

const importReport = once(() =>
  z.object({
    statements: listOf(
      z.object({
        id: words(35),
        account: words(34),
        currency: currencyCode(),
        entries: count(),
        credits: count(),
        creditSum: sum(),
        debits: count(),
        debitSum: sum(),
        byStatus: z.record(words(64), count()),
        transactionDetails: count(),
        balanced: z.optional(z.boolean()),
        /** Why the figures were not checked, or may be out of balance. */
        remark: z.optional(sentence()),
        credited: count(),
        /** Withdrawals that were paid or came back. */
        withdrawals: count(),
        suspense: count(),
        alreadyBooked: count(),
        notBooked: count(),
        /** Our id of this import of it. */
        statement: idOf(),
        firstDay: z.optional(bankDay()),
        lastDay: z.optional(bankDay()),
        /** The bank's number of it. */
        sequence: z.optional(told(19, { pattern: '^[0-9]+$' })),
        opening: z.optional(sum()),
        closing: z.optional(sum()),
        /** How it fits to the other statements of its account, and to our book. */
        findings: listOf(
          z.object({
            kind: z.enum([
              'duplicate',
              'changed',
              'out-of-order',
              'gap',
              'overlap',
              'silent-days',
              'wrong-sum',
              'differs',
            ]),
            text: sentence(),
          }),
          100,
        ),
      }),
      LIMITS.statementsInOneFile,
    ),
  }),
);

/** How a rehearsal bank can err. */
export const bankFault = z.enum([
  'delay',
  'reject',
  'partial',
  'return',
  'duplicate',
  'truncate',
  'wrong-sum',
  'late',
  'lose',
]);

const iban = once(() => z.string().check(z.maxLength(34), z.regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$/)));
const bankFile = once(() => z.strictObject({ name: text(200), xml: text(LIMITS.bankFileLength) }));

/** All that a rehearsal bank remembers. */
const bankState = once(() =>
  z.strictObject({
    day: bankDay(),
    accounts: z
      .array(
        z.strictObject({
          iban: iban(),
          currency: z.string().check(z.maxLength(3)),
          balance: sum(),
          statements: count(),
        }),
      )
      .check(z.maxLength(LIMITS.listed)),
    /** The orders it was given, by the ids of their messages. */
    orders: z.array(text(35)).check(z.maxLength(LIMITS.listed)),
    /** What it has accepted and not booked yet: payments to make, and payments to give back. */
    waiting: z
      .array(
        z.strictObject({
          next: z.enum(['pay', 'return']),
          iban: iban(),
          amount: wireMoney,
          endToEndId: text(35),
          name: z.optional(text(140)),
          creditorIban: z.optional(iban()),
          remittance: z.optional(text(1_000_000)),
        }),
      )
      .check(z.maxLength(LIMITS.bankWaiting)),
    /** Statements that it has not sent, or not whole. */
    unsent: z.array(bankFile()).check(z.maxLength(LIMITS.listed)),
  }),
);

const reconciliation = once(() =>
  z.object({
    accounts: listOf(
      z.object({
        account: words(34),
        currency: currencyCode(),
        /** The last closing balance, its day, and the statement that says it. */
        bank: sum(),
        day: bankDay(),
        statement: idOf(),
        /** What our book says is on the bank account. */
        ours: sum(),
        /** The bank's balance less ours: what the parts sum to. */
        difference: sum(),
        parts: listOf(
          z.object({
            kind: z.enum(['opening', 'gap', 'wrong-sum', 'not-booked', 'later', 'unexplained']),
            amount: sum(),
            day: bankDay(),
            statement: z.optional(idOf()),
            text: sentence(),
          }),
          LIMITS.listed,
        ),
        /** What of the parts nothing explains. */
        unexplained: sum(),
        /** Of the money in our book, what belongs to no holder yet; for all bank accounts of the currency together. */
        suspense: sum(),
        reconciled: z.boolean(),
      }),
      LIMITS.listed,
    ),
    reconciled: z.boolean(),
  }),
);

const CURRENCIES = Object.keys(CURRENCY_DIGITS).length;

/** What an account may be kept from. */
const capability = once(() => z.enum(['log-in', 'receive', 'send', 'convert', 'withdraw']));

const inFlight = once(() => z.enum(['freeze', 'finish', 'cancel']));

const reason = once(() => text(LIMITS.reasonLength));

/** What staff gave as their reason. */
const reasonAgain = once(() => words(LIMITS.reasonLength));
/** A member of staff, or what acted by itself. */
const who = once(() => words(64));

const restriction = once(() =>
  z.object({
    id: idOf(),
    capability: capability(),
    reason: reasonAgain(),
    /** What became of what was under way: it stays as it is, may still be finished, or was given up. */
    inFlight: inFlight(),
    madeBy: who(),
    madeAt: time,
    expiresAt: z.optional(time),
    liftedBy: z.optional(who()),
    liftedAt: z.optional(time),
    liftReason: z.optional(reasonAgain()),
  }),
);

const restrictions = once(() =>
  z.object({ holder: party(), restrictions: listOf(restriction(), LIMITS.restrictions) }),
);

/** What two members of staff decide together. */
const act = once(() =>
  z.enum(['unlock', 'factor-reset', 'adjustment', 'reversal', 'withdrawal', 'rate', 'suspense-return']),
);

const approvalState = once(() =>
  z.enum(['asked', 'approved', 'running', 'refused', 'done', 'failed', 'expired', 'stopped']),
);

const approval = once(() =>
  z.object({
    id: idOf(),
    act: act(),
    /** The holder it is about. */
    holder: party(),
    /** What exactly was asked for, by name. */
    input: facts(),
    reason: reasonAgain(),
    state: approvalState(),
    askedBy: who(),
    askedAt: time,
    decidedBy: z.optional(who()),
    decidedAt: z.optional(time),
    decisionReason: z.optional(reasonAgain()),
    /** When it will be done, once it is approved. */
    runsAt: z.optional(time),
    endedAt: z.optional(time),
    /** What came of it, by name: the transfer, or the code of the refusal. */
    result: z.optional(facts()),
  }),
);

const rateInForce = once(() =>
  z.object({
    id: idOf(),
    /** What one unit of this is worth in the currency. */
    base: currencyCode(),
    currency: currencyCode(),
    rate: rate(),
    source: sentence(),
    /** For when it was found out, and until when prices are made of it. */
    at: time,
    goodUntil: time,
    /** `doubted`: it jumped, and no price is made of it until two people set one. */
    state: z.enum(['good', 'stale', 'doubted']),
    addedAt: time,
    addedBy: who(),
  }),
);

const ratesReport = once(() =>
  z.object({
    source: sentence(),
    firstDay: day(),
    lastDay: day(),
    added: count(),
    alreadyThere: count(),
    /** Rates of currencies that are no more. */
    notActive: count(),
    /** Rates that jumped, or came new, with the one each was measured against. */
    doubted: listOf(
      z.object({ currency: currencyCode(), rate: rate(), before: z.optional(rate()) }),
      CURRENCIES,
    ),
  }),
);

const spread = once(() =>
  z.object({
    id: told(30, { pattern: '^(default|spr_[0-9a-hjkmnp-tv-z]{26})$' }),
    /** Of this pair, in either direction; of all that have none of their own when absent. */
    one: z.optional(currencyCode()),
    other: z.optional(currencyCode()),
    basisPoints: count(),
    effectiveFrom: time,
  }),
);

/** An account of a holder in one currency. */
const subAccount = once(() =>
  z.object({
    currency: currencyCode(),
    state: z.enum(['open', 'closed']),
    balance: wireMoney,
    held: wireMoney,
    available: wireMoney,
  }),
);

const decision = once(() => z.strictObject({ approval: id, reason: reason() }));

/** A holder by id, e-mail address or phone number. */
const holder = once(() => text(LIMITS.emailLength));

/** A holder as staff meet them where they need no more: the address and the phone number are masked. */
const maskedHolder = once(() =>
  z.object({
    id: idOf(),
    name: sentence(),
    email: sentence(),
    phone: z.optional(words(16)),
    createdAt: time,
  }),
);

/** What kinds of things the story of an account is made of. */
export const timelineKind = z.enum([
  'login',
  'change',
  'transfer',
  'withdrawal',
  'restriction',
  'mail',
  'staff',
  'note',
  'case',
]);

/** One of the staff, where they are named. */
const colleague = once(() => z.object({ id: idOf(), name: sentence() }));

const heldRestriction = once(() =>
  z.object({
    id: idOf(),
    capability: sentence(),
    reason: sentence(),
    since: time,
    until: z.optional(time),
  }),
);

const staffNote = once(() => z.object({ id: idOf(), at: time, by: colleague(), text: sentence() }));

const caseFields = once(() => ({
  id: idOf(),
  title: sentence(),
  state: z.enum(['open', 'closed']),
  openedAt: time,
  closedAt: z.optional(time),
}));

/** A case as its holder sees it: staff are `support`, whoever they are. */
const supportCase = once(() => z.object(caseFields()));

/** A case as staff see it. */
const staffCase = once(() =>
  z.object({
    ...caseFields(),
    holder: idOf(),
    assignedTo: z.optional(colleague()),
    openedByStaff: z.boolean(),
  }),
);

/** An account as an entry names it: a holder's, or one of the system's; numbers of bank accounts are masked. */
const accountLabel = once(() => z.object({ name: sentence(), holder: z.optional(idOf()) }));

/** An offset from UTC as ISO 8601 writes it, such as `+02:00`. */
const offset = once(() =>
  z.string().check(
    z.maxLength(6),
    z.regex(/^[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)$/),
    z.refine((value) => value !== '-00:00', { error: 'is not an offset that is known' }),
  ),
);

const MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;

/** Which statement, and how it is written. */
const statementOf = once(() => ({
  /** Of the calendar of UTC, such as `2026-10`; this one when not given. */
  month: z.optional(
    about(
      z.string().check(
        z.maxLength(7),
        z.refine((value) => MONTH.test(value), {
          error: 'is written as a year and a month, such as 2026-10',
        }),
      ),
      { pattern: MONTH.source },
    ),
  ),
  /** Only the account in it. */
  currency: z.optional(currency()),
  format: z.optional(z.enum(['text', 'json', 'camt053', 'html'])),
}));

/** What every export of rows takes. */
const exportInput = once(() => ({
  format: z.enum(['csv', 'jsonl']),
  since: z.optional(time3339()),
  until: z.optional(time3339()),
  offset: z.optional(offset()),
  reason: reason(),
}));

/**
 * What goes into an operation and what comes out. Each is made when it is first used: to make them all takes longer than
 * everything else a short command does.
 */
export const schemas = {
  nothing,
  problem,
  registerInput: () =>
    z.strictObject({
      email,
      displayName: text(LIMITS.displayNameLength),
      phone: z.optional(about(text(20), { pattern: E164 })),
      password,
    }),
  registered: () => z.object({ registration: idOf(), email: address(), expiresAt: time }),
  registrationId: () => z.strictObject({ registration: id }),
  verifyInput: () => z.strictObject({ registration: id, code: text(64) }),
  user,
  loginInput: () =>
    z.strictObject({
      email,
      password,
      device: z.optional(text(DEVICE_LENGTH)),
      /** What an earlier login from this machine gave: the account knows it then. It is no session. */
      deviceToken: z.optional(text(100)),
      code: z.optional(factorCode),
    }),
  loggedIn: () =>
    z.object({
      token: secretOf('okp'),
      session: idOf(),
      expiresAt: time,
      user: user(),
      /** Given when the account did not know the machine: to be kept there, and sent with later logins. */
      deviceToken: z.optional(words(100)),
    }),
  /** By a session, or by a token. */
  me: () => z.object({ user: user(), session: z.optional(session()), token: z.optional(token()) }),
  sessions: () =>
    z.object({ sessions: listOf(session(), LIMITS.sessions), devices: listOf(device(), LIMITS.devices) }),
  sessionId: () => z.strictObject({ session: id }),
  revokedSessions: () => z.object({ ended: listOf(idOf(), LIMITS.sessions) }),
  deviceId: () => z.strictObject({ device: id }),
  tokenInput: () =>
    z.strictObject({
      name: text(60),
      scopes: z.array(scope).check(z.minLength(1), z.maxLength(4)),
      expiresAt: z.optional(time3339()),
      caps: z.optional(
        z.array(z.strictObject({ per: capPer, most: wireMoney })).check(z.maxLength(LIMITS.tokenCaps)),
      ),
      payees: z.optional(
        z.array(text(LIMITS.emailLength)).check(z.minLength(1), z.maxLength(LIMITS.tokenPayees)),
      ),
      networks: z.optional(z.array(text(64)).check(z.minLength(1), z.maxLength(LIMITS.tokenNetworks))),
      plan: z.optional(text(64)),
    }),
  /** `secret` is the token itself: it is shown this once. */
  createdToken: () => z.object({ secret: secretOf('okt'), token: token() }),
  /** By its name or its id. */
  tokenId: () => z.strictObject({ name: text(64) }),
  revokedToken: () => z.object({ id: idOf(), name: tokenName() }),
  tokens: () => z.object({ tokens: listOf(token(), LIMITS.tokens) }),
  changePasswordInput: () => z.strictObject({ current: password, password }),
  passwordChanged: () => z.object({ endedSessions: endedSessions() }),
  forgotPasswordInput: () => z.strictObject({ email }),
  passwordForgotten: () => z.object({ reset: idOf(), email: address(), expiresAt: time }),
  resetPasswordInput: () => z.strictObject({ reset: id, code: text(64), password }),
  passwordReset: () =>
    z.object({
      email: address(),
      endedSessions: endedSessions(),
      endedTokens: listOf(z.object({ id: idOf(), name: tokenName() }), LIMITS.tokens),
      /** Whether a second factor is asked for at the next login, as before. */
      secondFactor: z.boolean(),
    }),
  changeEmailInput: () => z.strictObject({ email }),
  emailChange: () => z.object({ change: idOf(), email: address(), expiresAt: time }),
  confirmEmailInput: () => z.strictObject({ change: id, code: text(64) }),
  emailChanged: () => z.object({ user: user(), endedSessions: endedSessions() }),

  unlockInput: () => z.strictObject({ email }),
  unlockAsked: () => z.object({ unlock: idOf(), email: address(), expiresAt: time }),
  confirmUnlockInput: () => z.strictObject({ unlock: id, code: text(64) }),
  activityInput: () => z.strictObject({ ...page(), kind: z.optional(activityKind) }),
  activity: () =>
    z.object({
      activity: listOf(
        z.object({
          id: idOf(),
          at: time,
          action: oneOf(Object.keys(ACTIONS)),
          kind: activityKind,
          /** What happened, in words. */
          text: sentence(),
          /** `you`; `staff`, of whom nothing more is said; `okpay` itself; `nobody` for who was not let in. */
          by: z.enum(['you', 'staff', 'okpay', 'nobody']),
          device: z.optional(words(DEVICE_LENGTH)),
          network: z.optional(network()),
          facts: facts(),
        }),
        LIMITS.pageSize,
      ),
      nextCursor: z.optional(words(64)),
    }),
  verifyAuditInput: () =>
    z.strictObject({
      /** `SEQ:HASH` as an earlier verification gave it: a log that ends before, or says something else there, is broken. */
      expect: z.optional(z.string().check(z.maxLength(80), z.regex(/^\d{1,18}:[\w-]{43}$/))),
    }),
  auditVerification: () =>
    z.object({
      sound: z.boolean(),
      /** How many records are sealed and right, from the first on. */
      records: count(),
      /** The last of them as `SEQ:HASH`; absent from an empty log. */
      head: z.optional(words(80)),
      /** The first record that is not what was sealed, or that is missing. */
      broken: z.optional(z.object({ seq: words(20), id: z.optional(words(64)), why: sentence() })),
    }),
  proofInput: () => z.strictObject({ password: z.optional(password), code: z.optional(factorCode) }),
  proved: () => z.object({ token: secretOf('okp'), session: idOf(), provedAt: time }),
  passwordInput: () => z.strictObject({ password }),
  codeInput: () => z.strictObject({ code: factorCode }),
  optionalCodeInput: () => z.strictObject({ code: z.optional(factorCode) }),
  disableFactorInput: () => z.strictObject({ password, code: z.optional(factorCode) }),
  secondFactorSecret: () =>
    z.object({
      secret: told(64, { pattern: '^[A-Z2-7]+$' }),
      uri: told(1_000, { format: 'uri' }),
      /** For which instant a program is to compute the first code. */
      codeAt: time,
    }),
  recoveryCodes: () => z.object({ recoveryCodes: listOf(words(64), 10) }),
  sessionsEnded: () => z.object({ sessionsEnded: count() }),
  secondFactorEnabled: () => z.object({ recoveryCodes: listOf(words(64), 10), sessionsEnded: count() }),
  secondFactor: () =>
    z.object({
      enabled: z.boolean(),
      enabledAt: z.optional(time),
      recoveryCodesLeft: count(),
      /** Payments of more than these take a code. */
      confirmAbove: listOf(wireMoney, CURRENCIES),
    }),
  confirmationLimitInput: () =>
    z.strictObject({ currency: currency(), above: z.optional(amount()), code: z.optional(factorCode) }),
  confirmationLimit: () => z.object({ currency: currencyCode(), above: z.optional(wireMoney) }),
  balances: () =>
    z.object({
      balances: listOf(
        z.object({ currency: currencyCode(), balance: wireMoney, held: wireMoney, available: wireMoney }),
        CURRENCIES,
      ),
    }),
  accounts: () => z.object({ accounts: listOf(subAccount(), CURRENCIES) }),
  accountCurrency: () => z.strictObject({ currency: currency() }),
  subAccount,
  feesInput: () => z.strictObject({ kind: z.optional(feeKind), currency: z.optional(currency()) }),
  fees: () =>
    z.object({
      fees: listOf(
        feeRule(),
        Object.keys(feeKind.def.entries).length * CURRENCIES * (1 + LIMITS.announcedFees),
      ),
      note: sentence(),
    }),
  takeRatesInput: () =>
    z.strictObject({ goodForHours: z.optional(inQuery(wholeNumber(1, LIMITS.rateHours))) }),
  fetchRatesInput: () => z.strictObject({ goodForHours: z.optional(wholeNumber(1, LIMITS.rateHours)) }),
  ratesReport,
  setRateInput: () =>
    z.strictObject({
      currency: currency(),
      /** What one euro is worth in it. */
      rate: about(text(20), { pattern: '^[0-9]{1,9}(\\.[0-9]{1,10})?$', examples: ['1.0832'] }),
      goodForHours: wholeNumber(1, LIMITS.rateHours),
      reason: reason(),
    }),
  /** `asked` when a second person decides. */
  rateSet: () =>
    z.object({
      state: z.enum(['set', 'asked']),
      rate: z.optional(rateInForce()),
      approval: z.optional(approval()),
    }),
  rates: () => z.object({ rates: listOf(rateInForce(), CURRENCIES) }),
  setSpreadInput: () =>
    z.strictObject({
      /** Two currencies; all that have none of their own when both are left out. */
      one: z.optional(currency()),
      other: z.optional(currency()),
      basisPoints: wholeNumber(0, LIMITS.spreadBasisPoints),
      effectiveFrom: z.optional(time3339()),
    }),
  spread,
  spreads: () => z.object({ spreads: listOf(spread(), LIMITS.listed) }),
  setFeeInput: () =>
    z.strictObject({
      kind: feeKind,
      currency: currency(),
      basisPoints: z.number().check(z.int(), z.minimum(0), z.maximum(10_000)),
      fixed: z.optional(amount()),
      minimum: z.optional(amount()),
      maximum: z.optional(amount()),
      effectiveFrom: z.optional(time3339()),
    }),
  feeRule,
  accountLimits: () =>
    z.object({
      level: levelAgain(),
      limits: listOf(
        z.object({
          direction: limitDirection,
          per: capPer,
          most: wireMoney,
          /** What is used of it, and what is left, in the day or month, in UTC, that `resetsAt` ends. */
          used: z.optional(wireMoney),
          left: z.optional(wireMoney),
          resetsAt: z.optional(time),
        }),
        12,
      ),
    }),
  setLimitInput: () =>
    z.strictObject({
      level: levelName(),
      direction: limitDirection,
      per: capPer,
      /** No such limit when it is not given. */
      most: z.optional(wireMoney),
      reason: reason(),
    }),
  level,
  levels: () => z.object({ levels: listOf(level(), LIMITS.levels) }),
  setLevelInput: () => z.strictObject({ holder: holder(), level: levelName(), reason: reason() }),
  levelSet: () => z.object({ holder: party(), level: levelAgain(), before: levelAgain() }),
  /**
   * Without `to` money is changed from one of the holder's own accounts into another. `from` is the currency that pays
   * and `receive` the one that arrives: by default that of the amount, whose currency says which side it fixes.
   */
  quoteInput: () =>
    z.strictObject({
      to: z.optional(text(LIMITS.emailLength)),
      /** Instead of whom: a bank account of your own, by its id or the end of its number, or `only` for the only one. */
      bankAccount: z.optional(text(64)),
      amount: wireMoney,
      from: z.optional(currency()),
      receive: z.optional(currency()),
      feeFrom: z.optional(z.enum(['sender', 'recipient'])),
    }),
  compareInput: () =>
    z.strictObject({
      to: z.optional(text(LIMITS.emailLength)),
      amount: wireMoney,
    }),
  /** One for each currency of the holder's that can be priced; what can be paid first, and of that what costs least. */
  comparison: () =>
    z.object({
      quotes: listOf(quote(), CURRENCIES),
      /** Why the others cannot. */
      others: listOf(
        z.object({ currency: currencyCode(), code: oneOf(Object.keys(REFUSALS)), reason: sentence() }),
        CURRENCIES,
      ),
    }),
  quoteId: () => z.strictObject({ quote: id }),
  quote,
  quotedTransfer: () => z.strictObject({ ...quotedPayment(), dryRun: dryRun() }),
  transferInput: () =>
    z.union([
      z.strictObject({ ...quotedPayment(), dryRun: dryRun(), code: z.optional(factorCode) }),
      z.strictObject({ ...directPayment(), dryRun: dryRun(), code: z.optional(factorCode) }),
    ]),
  transfer,
  transfersInput: () =>
    z.strictObject({
      transfers: z
        .array(
          orMalformed(
            z.union([
              z.strictObject({ key: key(), ...quotedPayment() }),
              z.strictObject({ key: key(), ...directPayment() }),
            ]),
          ),
        )
        .check(z.minLength(1), z.maxLength(LIMITS.transfersAtOnce)),
      /** For all rows that take one. */
      code: z.optional(factorCode),
    }),
  transferResults: () =>
    z.object({
      /** One for each row, in their order. */
      results: listOf(
        z.object({
          /** The key of the row, when it was one. */
          key: z.optional(keyAgain()),
          state: z.enum(['done', 'refused', 'undecided']),
          transfer: z.optional(transfer()),
          problem: z.optional(problem()),
        }),
        LIMITS.transfersAtOnce,
      ),
    }),
  transferId: () => z.strictObject({ transfer: id }),
  historyInput: () =>
    z.strictObject({
      ...page(),
      currency: z.optional(currency()),
      direction: z.optional(z.enum(['in', 'out'])),
      kind: z.optional(
        z.enum([
          'transfer',
          'conversion',
          'deposit',
          'assignment',
          'adjustment',
          'reversal',
          'withdrawal',
          'return',
          'fee-refund',
        ]),
      ),
      with: z.optional(text(LIMITS.emailLength)),
      since: z.optional(time3339()),
      until: z.optional(time3339()),
    }),
  history: () => z.object({ transfers: listOf(transfer(), LIMITS.pageSize), nextCursor: z.optional(idOf()) }),
  receiptInput: () => z.strictObject({ transfer: id, format: z.optional(z.enum(['text', 'json', 'html'])) }),
  statementInput: () => z.strictObject(statementOf()),
  explainInput: () => z.strictObject({ id: text(LIMITS.idempotencyKeyLength) }),
  explanation: () =>
    z.object({
      id: keyAgain(),
      thing: words(64),
      state: words(64),
      at: z.optional(time),
      /** Whole sentences: the rule that decided, the figures, what unblocks it. */
      because: listOf(sentence(), 10),
      facts: facts(),
      next: z.optional(command()),
    }),
  intentKey: () => z.strictObject({ key: text(LIMITS.idempotencyKeyLength) }),
  intentOutcome: () =>
    z.object({
      key: keyAgain(),
      state: z.enum(['done', 'refused', 'unknown_key']),
      transfer: z.optional(transfer()),
      /** What it was used for when that was a withdrawal. */
      withdrawal: z.optional(idOf()),
      problem: z.optional(problem()),
    }),
  payeeInput: () => z.strictObject({ name: text(LIMITS.payeeNameLength), to: text(LIMITS.emailLength) }),
  payeeId: () => z.strictObject({ payee: text(64) }),
  payee,
  payees: () => z.object({ payees: listOf(payee(), LIMITS.payees) }),
  depositInput: () => z.strictObject({ currency: z.optional(currency()) }),
  depositInstructions: () => z.object({ reference: depositReference(), text: sentence() }),
  bankAccountInput: () =>
    z.strictObject({
      /** As the bank has it; the holder's own name unless given. */
      holderName: z.optional(text(LIMITS.displayNameLength)),
      country: z.optional(about(text(2), { pattern: '^[A-Za-z]{2}$' })),
      currency: z.optional(currency()),
      /** What the country's banks know an account by; see list-bank-requirements. */
      fields: z.strictObject(
        Object.fromEntries(
          BANK_FIELDS.map((name) => [name, z.optional(text(LIMITS.bankFieldLength))]),
        ) as Record<(typeof BANK_FIELDS)[number], z.ZodMiniOptional<ReturnType<typeof text>>>,
      ),
      /** Add it although the bank has another name for it. */
      acceptName: z.optional(z.boolean()),
    }),
  bankAccount,
  bankAccountsInput: () =>
    z.strictObject({ full: z.optional(z.union([z.boolean(), z.literal('true'), z.literal('false')])) }),
  bankAccounts: () => z.object({ accounts: listOf(bankAccount(), LIMITS.bankAccounts) }),
  bankAccountId: () => z.strictObject({ account: id }),
  bankRequirementsInput: () =>
    z.strictObject({
      country: z.optional(about(text(2), { pattern: '^[A-Za-z]{2}$' })),
      currency: z.optional(currency()),
    }),
  bankRequirements: () =>
    z.object({
      requirements: listOf(
        z.object({
          country: countryCode(),
          currency: currencyCode(),
          fields: listOf(
            z.object({
              name: told(32, bankField),
              label: sentence(),
              example: sentence(),
              required: z.boolean(),
            }),
            10,
          ),
        }),
        LIMITS.listed,
      ),
    }),
  withdrawalInput: () => z.strictObject({ quote: id, code: z.optional(factorCode) }),
  withdrawalId: () => z.strictObject({ withdrawal: id }),
  withdrawal,
  withdrawalsInput: () => z.strictObject({ ...page(), state: z.optional(withdrawalState) }),
  withdrawals: () =>
    z.object({ withdrawals: listOf(withdrawal(), LIMITS.pageSize), nextCursor: z.optional(idOf()) }),
  staffWithdrawalsInput: () =>
    z.strictObject({ ...page(), state: z.optional(withdrawalState), batch: z.optional(id) }),
  staffWithdrawals: () =>
    z.object({ withdrawals: listOf(staffWithdrawal(), LIMITS.pageSize), nextCursor: z.optional(idOf()) }),
  withdrawalViewInput: () => z.strictObject({ withdrawal: id, reason: reason() }),
  staffWithdrawal,
  batchInput: () =>
    z.strictObject({
      currency: z.optional(currency()),
      /** Which of the wallet's accounts pays, where there are several in a currency. */
      iban: z.optional(text(42)),
      version: z.optional(paymentVersion),
      executeOn: z.optional(about(text(10), { format: 'date' })),
      reason: reason(),
    }),
  batches: () => z.object({ batches: listOf(batch(), LIMITS.listed) }),
  batchesInput: () => z.strictObject({ ...page() }),
  batchList: () => z.object({ batches: listOf(batch(), LIMITS.pageSize), nextCursor: z.optional(idOf()) }),
  batchFileInput: () => z.strictObject({ batch: id, reason: reason() }),
  statusReport: () =>
    z.object({
      messageId: words(35),
      /** The batch it is about, when that is one of ours. */
      batch: z.optional(idOf()),
      sent: count(),
      failed: count(),
      /** Nothing was left to do: they are as the report says already, or have gone further. */
      unchanged: count(),
      /** What it says of payments that are not ours, or that do not fit: nothing was done about them. */
      unknown: listOf(
        z.object({ line: count(), endToEndId: words(35), reason: sentence() }),
        LIMITS.findings,
      ),
      unknownCount: count(),
    }),
  ownAccountInput: () =>
    z.strictObject({
      iban: text(42),
      currency: currency(),
      bic: z.optional(text(11)),
      name: text(LIMITS.displayNameLength),
    }),
  ownAccount,
  ownAccounts: () => z.object({ accounts: listOf(ownAccount(), LIMITS.ownAccounts) }),
  ownAccountId: () => z.strictObject({ iban: text(42), currency: currency() }),
  withdrawalRulesInput: () =>
    z.strictObject({
      coolOffHours: z.optional(wholeNumber(0, 720)),
      refundFee: z.optional(z.boolean()),
      automatic: z.optional(wireMoney),
    }),
  withdrawalRules,
  importReport,
  reconcileInput: () => z.strictObject({ account: z.optional(text(34)) }),
  reconciliation,
  suspenseInput: () => z.strictObject({ ...page(), state: z.optional(suspenseState) }),
  returnSuspenseInput: () => z.strictObject({ transfer: id, reason: reason() }),
  suspense: () =>
    z.object({ items: listOf(suspenseItem(), LIMITS.pageSize), nextCursor: z.optional(idOf()) }),
  assignInput: () => z.strictObject({ transfer: id, to: text(LIMITS.emailLength), reason: text(200) }),
  restrictInput: () =>
    z.strictObject({
      holder: text(LIMITS.emailLength),
      capabilities: z.array(capability()).check(z.minLength(1), z.maxLength(5)),
      reason: reason(),
      expiresAt: z.optional(time3339()),
      inFlight: z.optional(inFlight()),
    }),
  liftInput: () => z.strictObject({ restriction: id, reason: reason() }),
  aboutHolder: () => z.strictObject({ holder: text(LIMITS.emailLength), reason: reason() }),
  restriction,
  restrictions,
  /** `approval` when it now waits for a second person. */
  unlocked: () => z.object({ holder: party(), approval: z.optional(approval()) }),
  adjustInput: () =>
    z.strictObject({
      holder: text(LIMITS.emailLength),
      amount: wireMoney,
      /** `credit`: the holder gets it; `debit`: it is taken from them. */
      direction: z.enum(['credit', 'debit']),
      reason: reason(),
    }),
  reverseInput: () => z.strictObject({ transfer: id, amount: z.optional(wireMoney), reason: reason() }),
  approval,
  approvalsInput: () => z.strictObject({ ...page(), state: z.optional(approvalState()) }),
  approvals: () =>
    z.object({ approvals: listOf(approval(), LIMITS.pageSize), nextCursor: z.optional(idOf()) }),
  decision,
  staffInput: () =>
    z.strictObject({
      email,
      role: z.enum(STAFF_ROLES),
      reason: z.optional(reason()),
    }),
  staff: () => z.object({ staff: listOf(user(), LIMITS.listed) }),
  staffRemovalInput: () => z.strictObject({ who: holder(), reason: reason() }),
  searchInput: () =>
    z.strictObject({
      ...pageInBody(),
      reason: reason(),
      /** A word that says by its form what it is. */
      query: z.optional(text(LIMITS.emailLength)),
      email: z.optional(email),
      phone: z.optional(text(20)),
      id: z.optional(id),
      payee: z.optional(text(60)),
      amount: z.optional(wireMoney),
      reference: z.optional(text(64)),
      transfer: z.optional(id),
      since: z.optional(time3339()),
      until: z.optional(time3339()),
    }),
  accountMatches: () =>
    z.object({
      /** What was looked for: what the query was taken for. */
      by: z.enum(['email', 'phone', 'id', 'payee', 'amount', 'reference', 'transfer', 'opened']),
      matches: listOf(
        z.object({
          holder: maskedHolder(),
          /** The name under which a holder has saved somebody, and whom. */
          payee: z.optional(z.object({ name: sentence(), to: party() })),
          transfer: z.optional(
            z.object({
              id: idOf(),
              at: time,
              direction: z.enum(['in', 'out']),
              paid: wireMoney,
              received: wireMoney,
            }),
          ),
        }),
        LIMITS.listed,
      ),
      /** The time that was looked at, where it was one: from `since` on, before `until`. */
      window: z.optional(z.object({ since: time, until: time })),
      /** Also there when nothing was found so far: how much is looked at in one call is bounded. */
      nextCursor: z.optional(sentence()),
    }),
  accountInput: () => z.strictObject({ holder: holder(), reason: reason() }),
  account: () =>
    z.object({
      holder: z.object({
        id: idOf(),
        name: sentence(),
        email: sentence(),
        phone: z.optional(words(16)),
        role: z.optional(sentence()),
        depositReference: sentence(),
        level: levelAgain(),
        createdAt: time,
      }),
      balances: listOf(
        z.object({ currency: sentence(), balance: wireMoney, held: wireMoney, available: wireMoney }),
        LIMITS.listed,
      ),
      holds: listOf(
        z.object({ id: idOf(), amount: wireMoney, reason: sentence(), since: time, until: z.optional(time) }),
        LIMITS.listed,
      ),
      restrictions: listOf(heldRestriction(), LIMITS.listed),
      secondFactor: z.enum(['on', 'off']),
      sessions: count(),
      tokens: count(),
      devices: count(),
      payees: count(),
      notes: listOf(staffNote(), LIMITS.listed),
      cases: listOf(staffCase(), LIMITS.listed),
    }),
  timelineInput: () =>
    z.strictObject({
      ...pageInBody(),
      holder: holder(),
      reason: reason(),
      kind: z.optional(timelineKind),
      asOf: z.optional(time3339()),
      since: z.optional(time3339()),
      until: z.optional(time3339()),
    }),
  timeline: () =>
    z.object({
      holder: maskedHolder(),
      /** How the account stood at an instant, when one was asked for. */
      asOf: z.optional(
        z.object({
          at: time,
          balances: listOf(wireMoney, LIMITS.listed),
          restrictions: listOf(heldRestriction(), LIMITS.listed),
        }),
      ),
      /** Newest first. */
      events: listOf(
        z.object({
          id: idOf(),
          at: time,
          kind: timelineKind,
          /** What was recorded, as one word of the audit log, and in a sentence. */
          action: z.optional(sentence()),
          text: sentence(),
          /** Who did it, when it was not the holder: one of the staff, or the system. */
          by: z.optional(z.object({ id: sentence(), name: sentence(), role: z.optional(sentence()) })),
          reason: z.optional(sentence()),
          device: z.optional(sentence()),
          network: z.optional(sentence()),
          object: z.optional(sentence()),
          facts: z.optional(z.record(words(64), sentence())),
          transfer: z.optional(transfer()),
          mail: z.optional(z.object({ kind: sentence(), subject: sentence(), to: sentence() })),
          /** What a note says, or a message of a case. */
          words: z.optional(sentence()),
        }),
        LIMITS.listed,
      ),
      nextCursor: z.optional(sentence()),
    }),
  transferViewInput: () => z.strictObject({ transfer: id, reason: reason() }),
  transferView: () =>
    z.object({
      transfer: transfer(),
      initiator: z.object({ id: sentence(), name: sentence() }),
      details: z.record(words(64), sentence()),
      entries: listOf(
        z.object({
          account: accountLabel(),
          /** The number of the entry in its account. */
          number: count(),
          amount: signedMoney(),
          balanceBefore: signedMoney(),
          balanceAfter: signedMoney(),
        }),
        LIMITS.listed,
      ),
    }),
  traceInput: () =>
    z.strictObject({
      transfer: id,
      reason: reason(),
      direction: z.optional(z.enum(['from', 'to', 'both'])),
      depth: z.optional(wholeNumber(1, LIMITS.traceDepth)),
    }),
  trace: () =>
    z.object({
      transfer: transfer(),
      /** First in, first out: money leaves an account in the order in which it came. */
      rule: z.literal('fifo'),
      /** Each after the one it hangs on; 0 is the transfer itself. */
      branches: listOf(
        z.object({
          number: count(),
          parent: count(),
          side: z.enum(['from', 'to']),
          /**
           * `transfer`: the money came by it, or went on by it. `kept`: it is still there. `others`: more transfers,
           * not listed. `unknown`: further away in the account than is looked.
           */
          is: z.enum(['transfer', 'kept', 'others', 'unknown']),
          /** How much of the money in question. */
          amount: wireMoney,
          /** How much of that was the fee. */
          fee: z.optional(wireMoney),
          transfer: z.optional(
            z.object({
              id: idOf(),
              kind: sentence(),
              at: time,
              from: accountLabel(),
              to: accountLabel(),
              paid: wireMoney,
              received: wireMoney,
            }),
          ),
          /** How many others. */
          count: z.optional(count()),
          /** Why nothing hangs on it: it is outside (a bank, fees), or was not followed further. */
          end: z.optional(z.enum(['outside', 'fee', 'depth', 'limit'])),
        }),
        LIMITS.listed,
      ),
    }),
  noteInput: () => z.strictObject({ holder: holder(), text: text(LIMITS.staffNoteLength), reason: reason() }),
  staffNote,

  caseInput: () => z.strictObject({ title: text(LIMITS.caseTitleLength), text: text(LIMITS.caseTextLength) }),
  caseId: () => z.strictObject({ case: id }),
  caseMessageInput: () => z.strictObject({ case: id, text: text(LIMITS.caseTextLength) }),
  supportCase,
  casesInput: () => z.strictObject({ ...page(), state: z.optional(z.enum(['open', 'closed'])) }),
  supportCases: () =>
    z.object({ cases: listOf(supportCase(), LIMITS.listed), nextCursor: z.optional(sentence()) }),
  supportCaseWhole: () =>
    z.object({
      ...caseFields(),
      messages: listOf(
        z.object({ id: idOf(), at: time, from: z.enum(['holder', 'support']), text: sentence() }),
        LIMITS.listed,
      ),
    }),
  mailProofInput: () => z.strictObject({ code: text(64) }),
  mailProof: () =>
    z.object({
      genuine: z.boolean(),
      kind: z.optional(sentence()),
      subject: z.optional(sentence()),
      sentAt: z.optional(time),
      /** The masked address it went to. */
      to: z.optional(sentence()),
    }),

  staffCaseInput: () =>
    z.strictObject({
      holder: holder(),
      title: text(LIMITS.caseTitleLength),
      text: text(LIMITS.caseTextLength),
      reason: reason(),
    }),
  staffCasesInput: () =>
    z.strictObject({
      ...page(),
      state: z.optional(z.enum(['open', 'closed'])),
      /** Only those given to this member of staff: an id, or `me`. */
      assignee: z.optional(id),
    }),
  staffCases: () =>
    z.object({ cases: listOf(staffCase(), LIMITS.listed), nextCursor: z.optional(sentence()) }),
  staffCase,
  caseViewInput: () => z.strictObject({ case: id, reason: reason() }),
  staffCaseWhole: () =>
    z.object({
      ...caseFields(),
      holder: maskedHolder(),
      assignedTo: z.optional(colleague()),
      openedByStaff: z.boolean(),
      closeReason: z.optional(sentence()),
      messages: listOf(
        z.object({
          id: idOf(),
          at: time,
          from: z.enum(['holder', 'support']),
          author: sentence(),
          text: sentence(),
        }),
        LIMITS.listed,
      ),
    }),
  caseAssignmentInput: () => z.strictObject({ case: id, to: holder(), reason: reason() }),
  staffReplyInput: () => z.strictObject({ case: id, text: text(LIMITS.caseTextLength), reason: reason() }),
  staffReply: () =>
    z.object({
      case: staffCase(),
      message: idOf(),
      /** Shows the holder that the message is ours; also in the mail. Not kept: it is told this once. */
      proof: sentence(),
    }),
  bootstrapInput: () => z.strictObject({ email, displayName: text(LIMITS.displayNameLength), password }),
  journalInput: () =>
    z.strictObject({ format: z.enum(['hledger', 'beancount', 'csv', 'jsonl']), reason: text(200) }),
  exportTransactionsInput: () =>
    z.strictObject({
      ...exportInput(),
      holder: z.optional(text(LIMITS.emailLength)),
      currency: z.optional(text(16)),
    }),
  exportStatementInput: () =>
    z.strictObject({ ...statementOf(), holder: text(LIMITS.emailLength), reason: reason() }),
  exportAuditInput: () => z.strictObject({ ...exportInput(), holder: z.optional(text(LIMITS.emailLength)) }),
  exportAccountInput: () =>
    z.strictObject({ holder: text(LIMITS.emailLength), offset: z.optional(offset()), reason: text(200) }),
  verification: () =>
    z.object({
      sound: z.boolean(),
      transfers: count(),
      entries: count(),
      accounts: count(),
      holds: count(),
      currencies: listOf(z.object({ currency: currencyCode(), sum: sum() }), CURRENCIES),
      /** The first of them, and how many more there are. */
      findings: listOf(sentence(), LIMITS.findings + 1),
    }),
  playBankInput: () =>
    z.strictObject({
      state: z.optional(bankState()),
      orders: z.optional(z.array(bankFile()).check(z.maxLength(LIMITS.bankFiles))),
      credits: z.optional(
        z
          .array(
            z.strictObject({
              reference: text(140),
              amount: wireMoney,
              debtor: z.optional(text(70)),
              debtorIban: z.optional(iban()),
            }),
          )
          .check(z.maxLength(1000)),
      ),
      account: z.optional(iban()),
      day: z.optional(z.string().check(z.maxLength(10), z.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/))),
      faults: z.optional(z.array(bankFault).check(z.maxLength(20))),
    }),
  bankPlayed: () =>
    z.object({
      state: bankState(),
      day: bankDay(),
      /** What the bank writes. No money is behind any of it. */
      files: z.array(z.object({ kind: z.enum(['statement', 'report']), name: z.string(), xml: z.string() })),
    }),
} as const;
