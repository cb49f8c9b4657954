import * as z from 'zod/mini';
import { once } from './once.ts';

/** Limits of the contract, each enforced by the schemas below and shown in the API reference. */
export const LIMITS = {
  emailLength: 254,
  displayNameLength: 100,
  noteLength: 140,
  passwordBytes: 1024,
  pageSize: 100,
  idempotencyKeyLength: 255,
  bodyBytes: 65_536,
  transfersAtOnce: 1_000,
  /** A list of that many transfers with the longest keys and notes fits. */
  transfersBodyBytes: 2_097_152,
  statementBytes: 1_073_741_824,
} as const;

/**
 * Text a database can give back exactly as it was written: PostgreSQL has no NUL, and half a surrogate pair has no UTF-8.
 * Everything else is kept as it is, and made safe where it is shown.
 */
const isKept = (value: string) => value.isWellFormed() && !value.includes('\0');
const kept = z.refine<string>(isKept, { error: 'has a character in it that cannot be kept' });
const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum), kept);
const id = text(64);
const time = z.string().check(z.maxLength(40));
const time3339 = once(() => z.iso.datetime({ offset: true }));
const email = text(LIMITS.emailLength);
const password = z.string().check(z.minLength(1), z.maxLength(LIMITS.passwordBytes));

/** `{ "amount": "12.50", "currency": "EUR" }`: a decimal string, never a number. The use-case reads it with money.ts. */
export const wireMoney = z.strictObject({
  amount: z.string().check(z.maxLength(64)),
  currency: z.string().check(z.maxLength(16)),
});

const page = once(() => ({
  cursor: z.optional(text(64)),
  limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(LIMITS.pageSize))),
}));

const nothing = once(() => z.strictObject({}));

const party = once(() => z.object({ id: z.optional(id), name: z.string(), email: z.optional(z.string()) }));

const user = once(() =>
  z.object({
    id,
    email: z.string(),
    displayName: z.string(),
    phone: z.optional(z.string()),
    role: z.optional(z.string()),
    createdAt: time,
  }),
);

const session = once(() =>
  z.object({
    id,
    device: z.string(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
    current: z.boolean(),
  }),
);

/** What a payment kind can be; each kind has its own line in the fee schedule. */
export const feeKind = z.enum(['transfer', 'merchant', 'withdrawal']);

const feeRule = once(() =>
  z.object({
    id,
    kind: feeKind,
    currency: z.string(),
    /** Hundredths of a percent of the amount. */
    basisPoints: z.number(),
    fixed: wireMoney,
    minimum: wireMoney,
    maximum: z.optional(wireMoney),
    effectiveFrom: time,
  }),
);

const warning = once(() =>
  z.object({
    code: z.enum(['first_payment', 'similar_payee', 'insufficient_funds']),
    text: z.string(),
  }),
);

const quote = once(() =>
  z.object({
    id,
    kind: feeKind,
    to: party(),
    feeFrom: z.enum(['sender', 'recipient']),
    youPay: wireMoney,
    fee: wireMoney,
    theyGet: wireMoney,
    createdAt: time,
    expiresAt: time,
    state: z.enum(['open', 'used', 'expired']),
    transfer: z.optional(id),
    warnings: z.array(warning()),
  }),
);

/** Visible ASCII, as a header takes it. */
const key = once(() =>
  z.string().check(z.minLength(1), z.maxLength(LIMITS.idempotencyKeyLength), z.regex(/^[\x21-\x7e]+$/)),
);

/** Pays exactly what a quote says. */
const quotedPayment = once(() => ({
  quote: id,
  note: z.optional(text(LIMITS.noteLength)),
  maximumFee: z.optional(text(64)),
}));

/** Pays an amount at the fee of the moment, never above `maximumFee`. */
const directPayment = once(() => ({
  to: text(LIMITS.emailLength),
  amount: wireMoney,
  feeFrom: z.optional(z.enum(['sender', 'recipient'])),
  note: z.optional(text(LIMITS.noteLength)),
  maximumFee: z.optional(text(64)),
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

/** RFC 9457 problem details, as Refusal.toProblem gives them. */
const problem = once(() =>
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.string(),
    detail: z.string(),
    facts: z.record(z.string(), z.string()),
    next: z.optional(z.string()),
    instance: z.optional(id),
  }),
);

const transfer = once(() =>
  z.object({
    id,
    kind: z.enum(['transfer', 'deposit', 'assignment', 'suspense']),
    state: z.enum(['done', 'dry_run']),
    at: time,
    from: party(),
    to: party(),
    /** `in` when money came to the one who asks, `out` when it left. */
    direction: z.enum(['in', 'out', 'other']),
    paid: wireMoney,
    fee: wireMoney,
    received: wireMoney,
    note: z.optional(z.string()),
    reference: z.optional(z.string()),
    quote: z.optional(id),
    balanceAfter: z.optional(wireMoney),
  }),
);

const payee = once(() => z.object({ id, name: z.string(), to: party(), createdAt: time }));

const suspenseItem = once(() =>
  z.object({
    transfer: id,
    at: time,
    bookedOn: z.string(),
    direction: z.enum(['credit', 'debit']),
    amount: wireMoney,
    remittance: z.string(),
    counterparty: z.string(),
    reason: z.string(),
    state: z.enum(['open', 'assigned']),
  }),
);

const importReport = once(() =>
  z.object({
    statements: z.array(
      z.object({
        id: z.string(),
        account: z.string(),
        currency: z.string(),
        entries: z.number(),
        credits: z.number(),
        creditSum: z.string(),
        debits: z.number(),
        debitSum: z.string(),
        byStatus: z.record(z.string(), z.number()),
        transactionDetails: z.number(),
        balanced: z.optional(z.boolean()),
        /** Why the figures were not checked, or may be out of balance. */
        remark: z.optional(z.string()),
        credited: z.number(),
        suspense: z.number(),
        alreadyBooked: z.number(),
        notBooked: z.number(),
      }),
    ),
  }),
);

/** An offset from UTC as ISO 8601 writes it, such as `+02:00`. */
const offset = once(() =>
  z.string().check(z.maxLength(6), z.regex(/^(?!-00:00)[+-](?:0\d|1[0-3]):[0-5]\d$|^[+-]14:00$/)),
);

/** What every export of rows takes. */
const exportInput = once(() => ({
  format: z.enum(['csv', 'jsonl']),
  since: z.optional(time3339()),
  until: z.optional(time3339()),
  offset: z.optional(offset()),
  reason: text(200),
}));

/**
 * What goes into an operation and what comes out. Each is made when it is first used: to make them all takes longer than
 * everything else a short command does.
 */
export const schemas = {
  nothing,
  registerInput: () =>
    z.strictObject({
      email,
      displayName: text(LIMITS.displayNameLength),
      phone: z.optional(text(20)),
      password,
    }),
  registered: () => z.object({ registration: id, email: z.string(), expiresAt: time }),
  registrationId: () => z.strictObject({ registration: id }),
  verifyInput: () => z.strictObject({ registration: id, code: text(64) }),
  user,
  loginInput: () => z.strictObject({ email, password, device: z.optional(text(100)) }),
  loggedIn: () => z.object({ token: z.string(), session: id, expiresAt: time, user: user() }),
  me: () => z.object({ user: user(), session: session() }),
  sessions: () => z.object({ sessions: z.array(session()) }),
  sessionId: () => z.strictObject({ session: id }),
  balances: () =>
    z.object({
      balances: z.array(
        z.object({ currency: z.string(), balance: wireMoney, held: wireMoney, available: wireMoney }),
      ),
    }),
  feesInput: () => z.strictObject({ kind: z.optional(feeKind), currency: z.optional(text(16)) }),
  fees: () => z.object({ fees: z.array(feeRule()), note: z.string() }),
  setFeeInput: () =>
    z.strictObject({
      kind: feeKind,
      currency: text(16),
      basisPoints: z.number().check(z.int(), z.minimum(0), z.maximum(10_000)),
      fixed: z.optional(text(64)),
      minimum: z.optional(text(64)),
      maximum: z.optional(text(64)),
      effectiveFrom: z.optional(time3339()),
    }),
  feeRule,
  quoteInput: () =>
    z.strictObject({
      to: text(LIMITS.emailLength),
      amount: wireMoney,
      feeFrom: z.optional(z.enum(['sender', 'recipient'])),
    }),
  quoteId: () => z.strictObject({ quote: id }),
  quote,
  quotedTransfer: () => z.strictObject({ ...quotedPayment(), dryRun: dryRun() }),
  transferInput: () =>
    z.union([schemas.quotedTransfer(), z.strictObject({ ...directPayment(), dryRun: dryRun() })]),
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
    }),
  transferResults: () =>
    z.object({
      /** One for each row, in their order. */
      results: z.array(
        z.object({
          /** The key of the row, when it was one. */
          key: z.optional(z.string()),
          state: z.enum(['done', 'refused', 'undecided']),
          transfer: z.optional(transfer()),
          problem: z.optional(problem()),
        }),
      ),
    }),
  transferId: () => z.strictObject({ transfer: id }),
  historyInput: () =>
    z.strictObject({
      ...page(),
      currency: z.optional(text(16)),
      direction: z.optional(z.enum(['in', 'out'])),
      kind: z.optional(z.enum(['transfer', 'deposit', 'assignment'])),
      with: z.optional(text(LIMITS.emailLength)),
      since: z.optional(time3339()),
      until: z.optional(time3339()),
    }),
  history: () => z.object({ transfers: z.array(transfer()), nextCursor: z.optional(z.string()) }),
  explainInput: () => z.strictObject({ id: text(LIMITS.idempotencyKeyLength) }),
  explanation: () =>
    z.object({
      id: z.string(),
      thing: z.string(),
      state: z.string(),
      at: z.optional(time),
      /** Whole sentences: the rule that decided, the figures, what unblocks it. */
      because: z.array(z.string()),
      facts: z.record(z.string(), z.string()),
      next: z.optional(z.string()),
    }),
  intentKey: () => z.strictObject({ key: text(LIMITS.idempotencyKeyLength) }),
  intentOutcome: () =>
    z.object({
      key: z.string(),
      state: z.enum(['done', 'refused', 'unknown_key']),
      transfer: z.optional(transfer()),
      problem: z.optional(problem()),
    }),
  payeeInput: () => z.strictObject({ name: text(60), to: text(LIMITS.emailLength) }),
  payeeId: () => z.strictObject({ payee: text(64) }),
  payee,
  payees: () => z.object({ payees: z.array(payee()) }),
  depositInput: () => z.strictObject({ currency: z.optional(text(16)) }),
  depositInstructions: () => z.object({ reference: z.string(), text: z.string() }),
  importReport,
  suspenseInput: () => z.strictObject({ ...page(), state: z.optional(z.enum(['open', 'assigned'])) }),
  suspense: () => z.object({ items: z.array(suspenseItem()), nextCursor: z.optional(z.string()) }),
  assignInput: () => z.strictObject({ transfer: id, to: text(LIMITS.emailLength), reason: text(200) }),
  staffInput: () => z.strictObject({ email, role: z.enum(['viewer', 'support', 'senior', 'admin']) }),
  bootstrapInput: () => z.strictObject({ email, displayName: text(LIMITS.displayNameLength), password }),
  journalInput: () =>
    z.strictObject({ format: z.enum(['hledger', 'beancount', 'csv', 'jsonl']), reason: text(200) }),
  exportTransactionsInput: () =>
    z.strictObject({
      ...exportInput(),
      holder: z.optional(text(LIMITS.emailLength)),
      currency: z.optional(text(16)),
    }),
  exportAuditInput: () => z.strictObject({ ...exportInput(), holder: z.optional(text(LIMITS.emailLength)) }),
  exportAccountInput: () =>
    z.strictObject({ holder: text(LIMITS.emailLength), offset: z.optional(offset()), reason: text(200) }),
  verification: () =>
    z.object({
      sound: z.boolean(),
      transfers: z.number(),
      entries: z.number(),
      accounts: z.number(),
      holds: z.number(),
      currencies: z.array(z.object({ currency: z.string(), sum: z.string() })),
      findings: z.array(z.string()),
    }),
  bankStatementInput: () =>
    z.strictObject({
      credits: z
        .array(z.strictObject({ reference: text(140), amount: wireMoney }))
        .check(z.minLength(1), z.maxLength(1000)),
      debtor: z.optional(text(70)),
    }),
  bankStatement: () => z.object({ id: z.string(), fileName: z.string(), xml: z.string() }),
} as const;
