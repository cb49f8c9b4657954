import type { Output, Parsed } from '../../core/contract/operations.ts';
import {
  formatMinor,
  parseAmount,
  parseCurrency,
  toWire,
  type Currency,
  type Money,
} from '../../core/money.ts';
import type { OrderedPayment, PaymentOrder } from '../rails/read-payments.ts';
import { writeReport, type StatusToWrite } from '../rails/write-report.ts';
import { writeStatement, type EntryToWrite, type StatementToWrite } from '../rails/write-statement.ts';

export type BankState = Output<'play-bank'>['state'];
export type BankFault = NonNullable<Parsed<'play-bank'>['faults']>[number];
type Waiting = BankState['waiting'][number];
type File = Output<'play-bank'>['files'][number];

/** One day of the bank: what it is given, and how it errs. */
export type BankDay = {
  readonly state: BankState;
  /** Never before the day of the state. */
  readonly day: string;
  readonly now: Date;
  readonly orders: readonly PaymentOrder[];
  readonly credits: readonly { readonly iban: string; readonly entry: Omit<EntryToWrite, 'bookingDate'> }[];
  readonly faults: ReadonlySet<BankFault>;
  /** What an account has that the bank did not know until now. */
  readonly openingOf: (iban: string, currency: Currency) => Promise<bigint>;
  /** Letters and digits that are others each time, at most 16. */
  readonly newMark: () => string;
};

/** A bank before its first day. */
export const NEW_BANK: BankState = { day: '', accounts: [], orders: [], waiting: [], unsent: [] };

/** Said in every file. */
const REMARK = 'Written by okpay dev bank to rehearse with. No money is behind it.';

/**
 * Plays one day: books what waited, answers each order with a report, books what it accepts and what came in, and writes
 * a statement of each account that moved. Faults:
 * - `delay`: orders are accepted and paid the next time; `reject`, `partial`: all or every second payment is rejected;
 *   `return`: what is paid today comes back the next time;
 * - `duplicate`: statements are sent twice; `truncate`, `wrong-sum`: they are cut off, or their closing balance is wrong, and the
 *   right ones follow the next time; `late`: they are sent the next time, after newer ones; `lose`: they are never sent.
 */
export async function playDay(given: BankDay): Promise<Output<'play-bank'>> {
  const { state, day, faults, newMark } = given;
  const moved = new Map<string, EntryToWrite[]>();
  const book = (iban: string, entry: Omit<EntryToWrite, 'bookingDate'>) => {
    const key = `${iban} ${entry.amount.currency}`;
    moved.set(key, [...(moved.get(key) ?? []), { ...entry, bookingDate: day }]);
  };
  const waiting: Waiting[] = [];
  const pay = (payment: Waiting) => {
    book(payment.iban, entryOf(payment));
    if (faults.has('return')) waiting.push({ ...payment, next: 'return' });
  };
  for (const payment of state.waiting)
    if (payment.next === 'pay') pay(payment);
    else book(payment.iban, { ...entryOf(payment), direction: 'credit', returnReason: 'AC04' });

  const files: File[] = [];
  const known = new Set(state.orders);
  for (const order of given.orders) {
    const answer = answerTo(order, known, faults);
    known.add(order.messageId);
    const id = newMark();
    const xml = writeReport({ id, created: given.now, order, remark: REMARK, ...answer });
    files.push({ kind: 'report', name: `${day}-report-${id}.xml`, xml });
    const ordered = order.groups.flatMap(({ account, payments }) =>
      payments.map((payment) => ({ account, payment })),
    );
    for (const [at, { account, payment }] of ordered.entries()) {
      const status = answer.payments[at]?.status;
      const accepted = waitingOf(account, payment);
      if (status === 'PDNG' && accepted) waiting.push(accepted);
      if (status === 'ACSP' && accepted) pay(accepted);
    }
  }
  for (const { iban, entry } of given.credits) book(iban, entry);

  const accounts = new Map(state.accounts.map((account) => [`${account.iban} ${account.currency}`, account]));
  const unsent: { name: string; xml: string }[] = [];
  for (const [key, entries] of moved) {
    const [iban = '', code = ''] = key.split(' ');
    const currency = parseCurrency(code);
    const before = accounts.get(key) ?? {
      iban,
      currency,
      balance: formatMinor(await given.openingOf(iban, currency), currency),
      statements: 0,
    };
    const opening = signedAmount(before.balance, currency);
    const statements = before.statements + 1;
    const mark = newMark();
    const statement: StatementToWrite = {
      id: mark,
      electronicSequenceNumber: BigInt(statements),
      created: given.now,
      from: day,
      to: day,
      iban,
      opening,
      entries: entries.map((entry, at) => ({ ...entry, accountServicerReference: `${mark}-${at + 1}` })),
      remark: REMARK,
    };
    const name = `${day}-${iban}-${currency}-${statements}-${mark.slice(-4)}`;
    const sent = send(statement, name, faults);
    files.push(...sent.files);
    unsent.push(...sent.unsent);
    accounts.set(key, { ...before, balance: formatMinor(closingOf(opening, entries), currency), statements });
  }
  files.push(...state.unsent.map((file) => ({ kind: 'statement' as const, ...file })));
  return {
    state: { day, accounts: [...accounts.values()], orders: [...known], waiting, unsent },
    day,
    files,
  };
}

/** What the bank says of an order. One that it was given before, or whose figures are wrong, it refuses whole. */
function answerTo(
  order: PaymentOrder,
  known: ReadonlySet<string>,
  faults: ReadonlySet<BankFault>,
): { group: StatusToWrite; payments: StatusToWrite[] } {
  if (known.has(order.messageId)) return { group: { status: 'RJCT', reason: 'DU01' }, payments: [] };
  if (order.denied !== undefined) return { group: { status: 'RJCT', reason: 'AM10' }, payments: [] };
  const accepted = faults.has('delay') ? 'PDNG' : 'ACSP';
  const payments = order.groups
    .flatMap(({ payments: ordered }) => ordered)
    .map((payment, at): StatusToWrite => {
      if (payment.amount === undefined) return { status: 'RJCT', reason: 'AM12' };
      if (faults.has('reject') || (faults.has('partial') && at % 2 === 1))
        return { status: 'RJCT', reason: 'AC04' };
      return { status: accepted };
    });
  const rejected = payments.filter(({ status }) => status === 'RJCT').length;
  const status = rejected === payments.length ? 'RJCT' : rejected > 0 ? 'PART' : accepted;
  return { group: { status }, payments };
}

function waitingOf(iban: string, payment: OrderedPayment): Waiting | undefined {
  const { amount, endToEndId, creditorName, creditorIban, remittance } = payment;
  if (amount === undefined) return undefined;
  return {
    next: 'pay',
    iban,
    amount: toWire(amount.minor, amount.currency),
    endToEndId,
    ...(creditorName === undefined ? {} : { name: creditorName }),
    ...(creditorIban === undefined ? {} : { creditorIban }),
    ...(remittance === undefined ? {} : { remittance }),
  };
}

function entryOf({
  amount,
  endToEndId,
  name,
  creditorIban,
  remittance,
}: Waiting): Omit<EntryToWrite, 'bookingDate'> {
  return {
    amount: parseAmount(amount.amount, parseCurrency(amount.currency)),
    direction: 'debit',
    endToEndId,
    creditorName: name,
    creditorIban,
    remittance,
  };
}

/** The files of a statement as the bank sends them, and what it will send the next time. */
function send(
  statement: StatementToWrite,
  name: string,
  faults: ReadonlySet<BankFault>,
): { files: File[]; unsent: { name: string; xml: string }[] } {
  const whole = { name: `${name}.xml`, xml: writeStatement(statement) };
  if (faults.has('lose')) return { files: [], unsent: [] };
  if (faults.has('late')) return { files: [], unsent: [whole] };
  const as = (how: string, xml: string): File => ({ kind: 'statement', name: `${name}${how}.xml`, xml });
  const broken = [
    ...(faults.has('truncate')
      ? [as('-truncated', whole.xml.slice(0, Math.floor(whole.xml.length * 0.6)))]
      : []),
    ...(faults.has('wrong-sum')
      ? [as('-wrong-sum', writeStatement({ ...statement, closingOffBy: 1n }))]
      : []),
  ];
  if (broken.length > 0) return { files: broken, unsent: [whole] };
  return {
    files: [as('', whole.xml), ...(faults.has('duplicate') ? [as('-again', whole.xml)] : [])],
    unsent: [],
  };
}

/** A balance, which is less than nothing where the bank has paid more than there was. */
function signedAmount(text: string, currency: Currency): Money {
  if (!text.startsWith('-')) return parseAmount(text, currency);
  return { minor: -parseAmount(text.slice(1), currency).minor, currency };
}

function closingOf(opening: Money, entries: readonly EntryToWrite[]): bigint {
  return entries.reduce(
    (sum, { amount, direction }) => (direction === 'credit' ? sum + amount.minor : sum - amount.minor),
    opening.minor,
  );
}
