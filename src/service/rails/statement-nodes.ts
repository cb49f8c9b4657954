import { digitsOf, isCurrency, MAX_MINOR, type Money } from '../../core/money.ts';
import type { Node } from './checked-tree.ts';
import { readDecimal, toMinor, type ExactDecimal } from './exact-decimal.ts';
import type { SummaryFigure } from './prove-statement.ts';
import { quote, StatementError } from './statement-error.ts';
import type {
  BankTransactionCode,
  Direction,
  Party,
  StatementAccount,
  StatementBalance,
  StatementEntry,
  StatementTransaction,
} from './statement-events.ts';

/** The first child of that name, or undefined. */
export function child(node: Node | undefined, name: string): Node | undefined {
  return node?.children.find((candidate) => candidate.name === name);
}

/** The text at the end of a path of children, exactly as in the file, or undefined where the path ends early. */
export function textAt(node: Node | undefined, ...path: readonly string[]): string | undefined {
  return path.reduce(child, node)?.text;
}

/**
 * An amount of the file as exact money, never negative. Throws StatementError for a currency that is not active in ISO 4217,
 * for an amount finer than the currency's minor unit, and for one larger than the ledger can hold.
 */
export function readMoney(node: Node): Money {
  const currency = node.currency ?? '';
  if (!isCurrency(currency)) {
    throw refusal(`${node.name} is in ${quote(currency)}, which is not an active ISO 4217 currency.`, node);
  }
  const decimal = exactDecimal(node);
  const minor = toMinor(decimal, digitsOf(currency));
  if (minor === undefined) {
    throw refusal(
      `${node.name} is ${quote(node.text.trim())}, and ${currency} has ${digitsOf(currency) === 0 ? 'no' : `only ${digitsOf(currency)}`} decimals.`,
      node,
    );
  }
  if (minor > MAX_MINOR) {
    throw refusal(
      `${node.name} is ${quote(node.text.trim())}, which is more than the ledger can hold.`,
      node,
    );
  }
  return { minor, currency };
}

/** Reads `Acct` or the like. Undefined when it has no number, which only the newest versions allow. */
export function readAccount(node: Node | undefined): StatementAccount | undefined {
  const id = child(node, 'Id');
  const iban = textAt(id, 'IBAN');
  if (iban !== undefined) return { kind: 'iban', id: iban };
  const other = textAt(id, 'Othr', 'Id');
  return other === undefined ? undefined : { kind: 'other', id: other };
}

/** Reads `Bal`. */
export function readBalance(node: Node): StatementBalance {
  const amount = required(node, 'Amt');
  const { minor, currency } = readMoney(amount);
  const type = child(node, 'Tp');
  const isDebit = textAt(node, 'CdtDbtInd') === 'DBIT';
  return {
    line: amount.line,
    kind: markedCodeOf(child(type, 'CdOrPrtry')) ?? '',
    subKind: markedCodeOf(child(type, 'SubTp')),
    amount: { minor: isDebit ? -minor : minor, currency },
    date: dayOf(child(node, 'Dt')) ?? '',
  };
}

/** Reads `Ntry` but for its transactions, which are read one by one before, its place and its identity. */
export function readEntry(
  node: Node,
  index: number,
  transactions: readonly StatementTransaction[],
): Omit<StatementEntry, 'identity'> {
  const status = required(node, 'Sts');
  return {
    type: 'entry',
    line: node.line,
    index,
    amount: readMoney(required(node, 'Amt')),
    direction: directionOf(node) ?? 'debit',
    status: markedCodeOf(status) ?? status.text,
    isReversal: isTrue(textAt(node, 'RvslInd')),
    bookingDate: dayOf(child(node, 'BookgDt')),
    valueDate: dayOf(child(node, 'ValDt')),
    entryReference: textAt(node, 'NtryRef'),
    accountServicerReference: textAt(node, 'AcctSvcrRef'),
    code: readCode(child(node, 'BkTxCd')),
    information: textAt(node, 'AddtlNtryInf'),
    transactions,
  };
}

/** Reads `TxDtls`. */
export function readTransaction(node: Node): StatementTransaction {
  const amount = child(node, 'Amt') ?? child(child(child(node, 'AmtDtls'), 'TxAmt'), 'Amt');
  const references = child(node, 'Refs');
  const parties = child(node, 'RltdPties');
  const remittance = child(node, 'RmtInf');
  const unstructured =
    remittance?.children.filter(({ name }) => name === 'Ustrd').map(({ text }) => text) ?? [];
  const structured = remittance?.children.filter(({ name }) => name === 'Strd') ?? [];
  return {
    line: node.line,
    amount: amount && readMoney(amount),
    direction: directionOf(node),
    messageId: textAt(references, 'MsgId'),
    accountServicerReference: textAt(references, 'AcctSvcrRef'),
    paymentInformationId: textAt(references, 'PmtInfId'),
    instructionId: textAt(references, 'InstrId'),
    endToEndId: textAt(references, 'EndToEndId'),
    transactionId: textAt(references, 'TxId'),
    debtor: readParty(parties, 'Dbtr'),
    creditor: readParty(parties, 'Cdtr'),
    remittance: unstructured.length === 0 ? undefined : unstructured.join(' '),
    creditorReferences: structured
      .map((one) => textAt(one, 'CdtrRefInf', 'Ref'))
      .filter((text) => text !== undefined),
    returnReason: codeOf(child(child(node, 'RtrInf'), 'Rsn')),
  };
}

/** Reads `TxsSummry` into its figures, in the order of the file. Totals by transaction code are not read. */
export function readSummary(node: Node): SummaryFigure[] {
  const groups = { TtlNtries: 'all', TtlCdtNtries: 'credit', TtlDbtNtries: 'debit' } as const;
  return Object.entries(groups).flatMap(([name, of]): SummaryFigure[] => {
    const group = child(node, name);
    const count = child(group, 'NbOfNtries');
    const sum = child(group, 'Sum');
    // Version 02 writes the net amount beside its sign, which may be missing; later ones put both in one element.
    const netGroup = child(group, 'TtlNetNtry');
    const net = child(netGroup, 'Amt') ?? child(group, 'TtlNetNtryAmt');
    const sign = textAt(netGroup ?? group, 'CdtDbtInd');
    return [
      ...(count ? [{ line: count.line, of, count: BigInt(count.text) }] : []),
      ...(sum ? [{ line: sum.line, of, sum: exactDecimal(sum), isSignKnown: true }] : []),
      ...(net
        ? [
            {
              line: net.line,
              of: 'net' as const,
              sum: signed(exactDecimal(net), sign),
              isSignKnown: sign !== undefined,
            },
          ]
        : []),
    ];
  });
}

/** A sequence number (ElctrncSeqNb, LglSeqNb), or undefined. */
export function readWholeNumber(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : readDecimal(text)?.units;
}

/** True when a page number (MsgPgntn, StmtPgntn) says that there are pages before or after this one. */
export function isOneOfSeveralPages(node: Node | undefined): boolean {
  if (!node) return false;
  return Number(textAt(node, 'PgNb')) !== 1 || !isTrue(textAt(node, 'LastPgInd'));
}

function readParty(parties: Node | undefined, role: 'Dbtr' | 'Cdtr'): Party | undefined {
  const party = child(parties, role);
  const account = readAccount(child(parties, `${role}Acct`));
  const name = textAt(child(party, 'Pty') ?? party, 'Nm');
  if (name === undefined && account === undefined) return undefined;
  return {
    name,
    iban: account?.kind === 'iban' ? account.id : undefined,
    otherAccount: account?.kind === 'other' ? account.id : undefined,
  };
}

function readCode(node: Node | undefined): BankTransactionCode {
  const domain = child(node, 'Domn');
  return {
    domain: textAt(domain, 'Cd'),
    family: textAt(domain, 'Fmly', 'Cd'),
    subFamily: textAt(domain, 'Fmly', 'SubFmlyCd'),
    proprietary: textAt(node, 'Prtry', 'Cd'),
    issuer: textAt(node, 'Prtry', 'Issr'),
  };
}

/** The code of a choice between `Cd` and `Prtry`. */
function codeOf(node: Node | undefined): string | undefined {
  return textAt(node, 'Cd') ?? textAt(node, 'Prtry');
}

/** The same, with the bank's own codes marked: its own “BOOK” need not mean what the code of ISO 20022 means. */
function markedCodeOf(node: Node | undefined): string | undefined {
  const own = textAt(node, 'Prtry');
  return own === undefined ? textAt(node, 'Cd') : `other:${own}`;
}

function directionOf(node: Node): Direction | undefined {
  const text = textAt(node, 'CdtDbtInd');
  return text === undefined ? undefined : text === 'CRDT' ? 'credit' : 'debit';
}

/** The calendar day of a choice between `Dt` and `DtTm`, as written: a zone is not applied. */
function dayOf(node: Node | undefined): string | undefined {
  return (textAt(node, 'Dt') ?? textAt(node, 'DtTm'))?.trim().slice(0, 10);
}

function isTrue(text: string | undefined): boolean {
  return /^\s*(?:true|1)\s*$/.test(text ?? '');
}

function signed(decimal: ExactDecimal, sign: string | undefined): ExactDecimal {
  return sign === 'DBIT' ? { units: -decimal.units, scale: decimal.scale } : decimal;
}

function exactDecimal(node: Node): ExactDecimal {
  const decimal = readDecimal(node.text);
  if (!decimal) throw refusal(`${node.name} is not a decimal number: ${quote(node.text)}.`, node);
  return decimal;
}

/** A child the schema requires, so that it is there when its parent is finished. */
function required(node: Node, name: string): Node {
  const found = child(node, name);
  if (!found) throw refusal(`${node.name} has no ${name}.`, node);
  return found;
}

function refusal(reason: string, node: Node): StatementError {
  return new StatementError(reason, node.line, node.column);
}
