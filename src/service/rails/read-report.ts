import type { Money } from '../../core/money.ts';
import { CheckedTree, type Node } from './checked-tree.ts';
import { REPORT_VERSIONS, reportModel } from './report-schema.ts';
import { inSlices, SafeXml, type StartTag, type XmlListener } from './safe-xml.ts';
import { quote, StatementError } from './statement-error.ts';
import { child, readMoney, textAt } from './statement-nodes.ts';

/** What a bank says of one payment, of a group of them, or of the file: a code such as `RJCT`, and why. */
export type ReportedStatus = {
  /** ISO 20022 code; undefined where the bank says nothing at this level. */
  readonly status: string | undefined;
  /** Codes of ISO 20022 ExternalStatusReason1Code or the bank's own, and its words. */
  readonly reasons: readonly string[];
};

export type ReportedPayment = ReportedStatus & {
  readonly line: number;
  readonly endToEndId: string | undefined;
  /** As the bank repeats it, where it does. */
  readonly amount: Money | undefined;
};

/** What a bank says of a file of payments that it was given. Text is exactly as in the file. */
export type PaymentReport = ReportedStatus & {
  /** Such as `pain.002.001.10`. */
  readonly version: string;
  readonly messageId: string;
  /** The file it is about, and what kind of message that was, such as `pain.001.001.09`. */
  readonly originalMessageId: string;
  readonly originalMessage: string;
  readonly groups: readonly (ReportedStatus & {
    readonly id: string;
    readonly payments: readonly ReportedPayment[];
  })[];
};

/** The most payments one report may speak of. */
const MOST_PAYMENTS = 100_000;

const PAIN = /^urn:iso:std:iso:20022:tech:xsd:(pain\.002\.001\.([0-9]{2}))$/;

/**
 * Reads a payment status report, ISO 20022 pain.002 versions 03 and 10, from its bytes. Throws StatementError, with the line,
 * for a file that is something else or not sound; errors of the source are passed on.
 */
export async function readReport(source: AsyncIterable<Uint8Array>): Promise<PaymentReport> {
  const reader = new ReportReader();
  const xml = new SafeXml(reader);
  for await (const chunk of source) for (const slice of inSlices(chunk)) xml.write(slice);
  xml.end();
  return reader.report(xml.line);
}

type Group = { status: ReportedStatus | undefined; id: string; payments: ReportedPayment[] };

class ReportReader implements XmlListener {
  #tree: CheckedTree | undefined;
  #version = '';
  #depth = 0;
  #payments = 0;
  #header: Node | undefined;
  #original: Node | undefined;
  #waiting: ReportedPayment[] = [];
  readonly #groups: Group[] = [];

  report(line: number): PaymentReport {
    if (!this.#original) throw new StatementError('The file is empty.', line);
    return {
      version: this.#version,
      messageId: textAt(this.#header, 'MsgId') ?? '',
      originalMessageId: textAt(this.#original, 'OrgnlMsgId') ?? '',
      originalMessage: textAt(this.#original, 'OrgnlMsgNmId') ?? '',
      ...statusOf(this.#original, 'GrpSts'),
      groups: this.#groups.map(({ id, status, payments }) => ({
        id,
        ...(status ?? { status: undefined, reasons: [] }),
        payments,
      })),
    };
  }

  open(tag: StartTag): void {
    this.#depth += 1;
    this.#tree ??= this.#begin(tag);
    this.#tree.open(tag);
  }

  text(text: string): void {
    this.#tree?.text(text);
  }

  close(): void {
    this.#depth -= 1;
    this.#tree?.close();
  }

  #begin(tag: StartTag): CheckedTree {
    const [, message, version] = PAIN.exec(tag.namespace) ?? [];
    if (tag.name !== 'Document' || message === undefined || !REPORT_VERSIONS.includes(Number(version)))
      throw notReport(tag);
    this.#version = message;
    const model = reportModel(Number(version));
    return new CheckedTree({ model, namespace: tag.namespace, message }, (node, above) =>
      this.#close(node, above),
    );
  }

  /** What a finished element means; false when it is done with, so that it is not kept. */
  #close(node: Node, above: Node | undefined): boolean {
    if (node.name === 'GrpHdr') this.#header = node;
    if (node.name === 'OrgnlGrpInfAndSts') this.#original = node;
    if (node.name === 'TxInfAndSts') {
      this.#payments += 1;
      if (this.#payments > MOST_PAYMENTS)
        throw new StatementError(`The file speaks of more than ${MOST_PAYMENTS} payments.`, node.line);
      this.#waiting.push(paymentOf(node));
      return false;
    }
    if (node.name !== 'OrgnlPmtInfAndSts') return above?.name !== 'CstmrPmtStsRpt';
    this.#groups.push({
      id: textAt(node, 'OrgnlPmtInfId') ?? '',
      status: statusOf(node, 'PmtInfSts'),
      payments: this.#waiting,
    });
    this.#waiting = [];
    return false;
  }
}

function paymentOf(node: Node): ReportedPayment {
  const amount = child(child(child(node, 'OrgnlTxRef'), 'Amt'), 'InstdAmt');
  return {
    line: node.line,
    endToEndId: textAt(node, 'OrgnlEndToEndId'),
    amount: amount && readMoney(amount),
    ...statusOf(node, 'TxSts'),
  };
}

function statusOf(node: Node, name: string): ReportedStatus {
  const reasons = node.children.filter((each) => each.name === 'StsRsnInf');
  return {
    status: textAt(node, name),
    reasons: reasons.flatMap((reason) => {
      const why = child(reason, 'Rsn');
      const code = textAt(why, 'Cd') ?? textAt(why, 'Prtry');
      const words = reason.children.filter((each) => each.name === 'AddtlInf').map(({ text }) => text);
      return [...(code === undefined ? [] : [code]), ...words];
    }),
  };
}

/** The sentence for a file that is something else, naming what it is. */
function notReport({ name, namespace, place }: StartTag): StatementError {
  const [, message] = /^urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9.]{3,12})$/.exec(namespace) ?? [];
  const found =
    name !== 'Document'
      ? `its first element is ${quote(name)}`
      : namespace === ''
        ? 'its Document is in no namespace'
        : message === undefined
          ? `its Document is of ${quote(namespace)}`
          : `it is ${message}`;
  const reason = `The file is not a payment status report of the versions pain.002.001.03 and .10: ${found}.`;
  return new StatementError(reason, place.line, place.column);
}
