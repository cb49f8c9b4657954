import { digitsOf, type Money } from '../../core/money.ts';
import { CheckedTree, type Node } from './checked-tree.ts';
import { readDecimal, toMinor } from './exact-decimal.ts';
import { paymentsModel } from './payments-schema.ts';
import { inSlices, SafeXml, type StartTag, type XmlListener } from './safe-xml.ts';
import { quote, StatementError } from './statement-error.ts';
import { child, readAccount, readMoney, textAt } from './statement-nodes.ts';

/** One payment that a bank is asked to make. Text is exactly as in the file. */
export type OrderedPayment = {
  readonly line: number;
  readonly instructionId: string | undefined;
  readonly endToEndId: string;
  /** Undefined where the order names an equivalent in another currency (EqvtAmt). */
  readonly amount: Money | undefined;
  readonly creditorName: string | undefined;
  readonly creditorIban: string | undefined;
  readonly remittance: string | undefined;
};

/** The payments from one account. `account` is its IBAN, or the bank's own number. */
export type OrderedGroup = {
  readonly id: string;
  readonly account: string;
  readonly payments: readonly OrderedPayment[];
  /** The first figure of the group that its payments deny, as a sentence. */
  readonly denied: string | undefined;
};

/** A file of payments that a bank is asked to make. */
export type PaymentOrder = {
  /** Such as `pain.001.001.09`. */
  readonly version: 'pain.001.001.03' | 'pain.001.001.09';
  readonly messageId: string;
  readonly groups: readonly OrderedGroup[];
  /** The first figure of the file that its payments deny, as a sentence: a bank refuses it then. */
  readonly denied: string | undefined;
};

const PAIN = /^urn:iso:std:iso:20022:tech:xsd:pain\.001\.001\.(03|09)$/;
const MOST_PAYMENTS = 100_000;

/**
 * Reads an order to a bank to pay, ISO 20022 pain.001 versions 03 and 09, from its bytes. Numbers and control sums are held
 * against the payments, and what disagrees is told, not thrown. Throws StatementError, with the line, for a file that is
 * something else or not sound; errors of the source are passed on.
 */
export async function readPayments(source: AsyncIterable<Uint8Array>): Promise<PaymentOrder> {
  const reader = new OrderReader();
  const xml = new SafeXml(reader);
  for await (const chunk of source) for (const slice of inSlices(chunk)) xml.write(slice);
  xml.end();
  return reader.order(xml.line);
}

class OrderReader implements XmlListener {
  #tree: CheckedTree | undefined;
  #version: PaymentOrder['version'] = 'pain.001.001.09';
  #header: Node | undefined;
  #payments: OrderedPayment[] = [];
  #count = 0;
  readonly #groups: OrderedGroup[] = [];

  order(line: number): PaymentOrder {
    if (!this.#header) throw new StatementError('The file is empty.', line);
    const all = this.#groups.flatMap(({ payments }) => payments);
    const denied =
      deniedFigure(this.#header, all) ?? this.#groups.find((group) => group.denied !== undefined)?.denied;
    return {
      version: this.#version,
      messageId: textAt(this.#header, 'MsgId') ?? '',
      groups: this.#groups,
      denied,
    };
  }

  open(tag: StartTag): void {
    this.#tree ??= this.#begin(tag);
    this.#tree.open(tag);
  }

  text(text: string): void {
    this.#tree?.text(text);
  }

  close(): void {
    this.#tree?.close();
  }

  #begin(tag: StartTag): CheckedTree {
    const [, version] = PAIN.exec(tag.namespace) ?? [];
    if (tag.name !== 'Document' || version === undefined) throw notOrder(tag);
    this.#version = version === '03' ? 'pain.001.001.03' : 'pain.001.001.09';
    const model = paymentsModel(version === '03' ? 3 : 9);
    return new CheckedTree({ model, namespace: tag.namespace, message: this.#version }, (node) =>
      this.#close(node),
    );
  }

  /** What a finished element means; false when it is done with, so that it is not kept. */
  #close(node: Node): boolean {
    if (node.name === 'GrpHdr') this.#header = node;
    if (node.name === 'CdtTrfTxInf') {
      this.#count += 1;
      if (this.#count > MOST_PAYMENTS)
        throw new StatementError(`The file has more than ${MOST_PAYMENTS} payments.`, node.line);
      this.#payments.push(paymentOf(node));
      return false;
    }
    if (node.name !== 'PmtInf') return true;
    const payments = this.#payments;
    this.#payments = [];
    this.#groups.push({
      id: textAt(node, 'PmtInfId') ?? '',
      account: readAccount(child(node, 'DbtrAcct'))?.id ?? '',
      payments,
      denied: deniedFigure(node, payments),
    });
    return false;
  }
}

function paymentOf(node: Node): OrderedPayment {
  const ids = child(node, 'PmtId');
  const amount = child(child(node, 'Amt'), 'InstdAmt');
  const account = readAccount(child(node, 'CdtrAcct'));
  const texts = (child(node, 'RmtInf')?.children ?? []).filter(({ name }) => name === 'Ustrd');
  return {
    line: node.line,
    instructionId: textAt(ids, 'InstrId'),
    endToEndId: textAt(ids, 'EndToEndId') ?? '',
    amount: amount && readMoney(amount),
    creditorName: textAt(child(node, 'Cdtr'), 'Nm'),
    creditorIban: account?.kind === 'iban' ? account.id : undefined,
    remittance: texts.length === 0 ? undefined : texts.map(({ text }) => text).join(' '),
  };
}

/** The number of payments, and their amounts added up whatever their currencies are (ISO 20022, ControlSum). */
function deniedFigure(node: Node, payments: readonly OrderedPayment[]): string | undefined {
  const number = textAt(node, 'NbOfTxs');
  if (number !== undefined && Number(number) !== payments.length)
    return `It says that there are ${number} payments, and there are ${payments.length}.`;
  const said = textAt(node, 'CtrlSum');
  if (said === undefined) return undefined;
  const digits = 5;
  const sum = payments.reduce(
    (all, { amount }) =>
      amount === undefined ? all : all + amount.minor * 10n ** BigInt(digits - digitsOf(amount.currency)),
    0n,
  );
  const decimal = readDecimal(said);
  if (payments.some(({ amount }) => amount === undefined)) return undefined;
  return decimal && toMinor(decimal, digits) === sum
    ? undefined
    : `It says that the payments sum to ${said.trim()}, and they do not.`;
}

/** The sentence for a file that is something else, naming what it is. */
function notOrder({ name, namespace, place }: StartTag): StatementError {
  const [, message] = /^urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9.]{3,12})$/.exec(namespace) ?? [];
  const found =
    name !== 'Document'
      ? `its first element is ${quote(name)}`
      : message === undefined
        ? `its Document is of ${quote(namespace)}`
        : `it is ${message}`;
  const reason = `The file is no order to pay of the versions pain.001.001.03 and .09: ${found}.`;
  return new StatementError(reason, place.line, place.column);
}
