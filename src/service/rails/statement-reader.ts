import { LIMITS } from '../../core/contract/schemas.ts';
import { CheckedTree, type Node } from './checked-tree.ts';
import { proveStatement, StatementSums, type SummaryFigure } from './prove-statement.ts';
import type { StartTag, XmlListener } from './safe-xml.ts';
import { quote, StatementError } from './statement-error.ts';
import type {
  StatementBalance,
  StatementEvent,
  StatementHeader,
  StatementTransaction,
} from './statement-events.ts';
import { entryIdentity, type IdentityCounter } from './statement-identity.ts';
import {
  child,
  isOneOfSeveralPages,
  readAccount,
  readBalance,
  readEntry,
  readSummary,
  readTransaction,
  readWholeNumber,
  textAt,
} from './statement-nodes.ts';
import { documentModel, NEWEST_VERSION, OLDEST_VERSION } from './statement-schema.ts';

/** How much one file may hold. */
export type StatementLimits = {
  /** Statements in the whole file; as the contract says by default. */
  readonly maxStatements?: number;
  /** Entries in the whole file; a million by default. */
  readonly maxEntries?: number;
  /** Transactions in one entry, which are held in memory together; 100,000 by default. */
  readonly maxTransactions?: number;
  /** Balances in one statement; 1,000 by default. */
  readonly maxBalances?: number;
};

type Opened = {
  readonly index: number;
  readonly sums: StatementSums;
  readonly counter: IdentityCounter;
  readonly balances: StatementBalance[];
  header: StatementHeader | undefined;
  summary: readonly SummaryFigure[];
  transactions: StatementTransaction[];
};

const CAMT = /^urn:iso:std:iso:20022:tech:xsd:(camt\.053\.001\.([0-9]{2}))$/;
const HEAD = /^urn:iso:std:iso:20022:tech:xsd:head\.001\.001\.[0-9]{2}$/;

/**
 * Finds the camt.053 document in the elements of a file and turns it into events, a statement and an entry at a time.
 * Its methods throw StatementError.
 */
export class StatementReader implements XmlListener {
  readonly #limits: Required<StatementLimits>;
  #events: StatementEvent[] = [];
  #depth = 0;
  #envelope: StartTag | undefined;
  #header: 'none' | 'open' | 'closed' = 'none';
  /** MsgDefIdr of the business application header: the message it says the document is. */
  #announced: string | undefined;
  #isAnnouncing = false;
  #document: { readonly tree: CheckedTree; readonly depth: number; readonly message: string } | undefined;
  #isDocumentClosed = false;
  #groupHeader: Node | undefined;
  #statement: Opened | undefined;
  #statements = 0;
  #entries = 0;

  constructor(limits: StatementLimits) {
    this.#limits = {
      maxStatements: LIMITS.statementsInOneFile,
      maxEntries: 1_000_000,
      maxTransactions: 100_000,
      maxBalances: 1_000,
      ...limits,
    };
  }

  /** The events since the last time. */
  take(): StatementEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  end(line: number): void {
    if (!this.#isDocumentClosed) throw this.#notStatement(this.#envelope, line);
  }

  open(tag: StartTag): void {
    this.#depth += 1;
    if (this.#document && !this.#isDocumentClosed) {
      if (this.#document.depth + 2 === this.#depth && tag.name === 'Stmt')
        this.#statement ??= this.#begin(tag);
      if (this.#statement && tag.name === 'Ntry') this.#countEntry(tag);
      this.#document.tree.open(tag);
      return;
    }
    if (this.#document) {
      throw new StatementError(
        `Nothing may follow the Document, and ${quote(tag.name)} does.`,
        tag.place.line,
        tag.place.column,
      );
    }
    if (this.#depth === 1 && tag.name !== 'Document') {
      this.#envelope = tag;
    } else if (this.#depth <= 2 && tag.name === 'Document') {
      this.#openDocument(tag);
    } else if (
      this.#depth === 2 &&
      tag.name === 'AppHdr' &&
      HEAD.test(tag.namespace) &&
      this.#header === 'none'
    ) {
      this.#header = 'open';
    } else if (this.#depth === 3 && this.#header === 'open' && tag.name === 'MsgDefIdr') {
      this.#isAnnouncing = true;
    } else if (this.#header !== 'open') {
      throw this.#notStatement(this.#envelope, tag.place.line, tag);
    }
  }

  text(text: string): void {
    if (this.#document && !this.#isDocumentClosed) this.#document.tree.text(text);
    else if (this.#isAnnouncing) this.#announced = (this.#announced ?? '') + text;
    else if (this.#header !== 'open' && /[^ \t\r\n]/.test(text)) {
      throw this.#notStatement(this.#envelope, this.#envelope?.place.line ?? 1);
    }
  }

  close(): void {
    if (this.#document && !this.#isDocumentClosed) {
      this.#document.tree.close();
      if (this.#depth === this.#document.depth) this.#isDocumentClosed = true;
    } else if (this.#isAnnouncing && this.#depth === 3) {
      this.#isAnnouncing = false;
    } else if (this.#header === 'open' && this.#depth === 2) {
      this.#header = 'closed';
    }
    this.#depth -= 1;
  }

  #openDocument(tag: StartTag): void {
    const [, message, version] = CAMT.exec(tag.namespace) ?? [];
    const number = Number(version);
    if (message === undefined || number < OLDEST_VERSION || number > NEWEST_VERSION) {
      throw this.#notStatement(tag, tag.place.line);
    }
    const announced = this.#announced?.trim();
    if (announced !== undefined && announced !== message) {
      throw new StatementError(
        `The header announces ${quote(announced)}, and the document is ${message}.`,
        tag.place.line,
        tag.place.column,
      );
    }
    const tree = new CheckedTree(
      { model: documentModel(number), namespace: tag.namespace, message },
      (node, above) => this.#close(node, above),
    );
    this.#document = { tree, depth: this.#depth, message };
    tree.open(tag);
  }

  /** What a finished element means; false when it is done with, so that it is not kept. */
  #close(node: Node, above: Node | undefined): boolean {
    const statement = this.#statement;
    if (!statement) {
      if (node.name === 'GrpHdr' && above?.name === 'BkToCstmrStmt') this.#groupHeader = node;
      return true;
    }
    if (above?.name === 'NtryDtls') {
      if (node.name === 'TxDtls') this.#addTransaction(statement, node);
      return false;
    }
    if (node.name === 'NtryDtls') return false;
    if (above?.name === 'Stmt') return this.#closePart(statement, node, above);
    if (node.name === 'Stmt' && above?.name === 'BkToCstmrStmt') {
      this.#finish(statement, node);
      return false;
    }
    return true;
  }

  #closePart(statement: Opened, node: Node, above: Node): boolean {
    switch (node.name) {
      case 'Acct':
        statement.header = this.#readHeader(statement.index, above, node);
        this.#events.push(statement.header);
        return false;
      case 'Bal':
        statement.balances.push(readBalance(node));
        if (statement.balances.length > this.#limits.maxBalances) {
          throw new StatementError(
            `The statement has more than ${this.#limits.maxBalances} balances.`,
            node.line,
          );
        }
        return false;
      case 'TxsSummry':
        statement.summary = readSummary(node);
        return false;
      case 'Ntry':
        this.#addEntry(statement, node);
        return false;
      default:
        return true;
    }
  }

  #begin({ place }: StartTag): Opened {
    this.#statements += 1;
    if (this.#statements > this.#limits.maxStatements) {
      throw new StatementError(
        `The file has more than ${this.#limits.maxStatements} statements.`,
        place.line,
        place.column,
      );
    }
    return {
      index: this.#statements - 1,
      sums: new StatementSums(),
      counter: new Map(),
      balances: [],
      header: undefined,
      summary: [],
      transactions: [],
    };
  }

  #readHeader(index: number, statement: Node, accountNode: Node): StatementHeader {
    const account = readAccount(accountNode);
    if (!account)
      throw new StatementError('Acct names no account: it has no Id.', accountNode.line, accountNode.column);
    const period = child(statement, 'FrToDt');
    return {
      type: 'statement',
      line: statement.line,
      index,
      version: this.#document?.message ?? '',
      messageId: textAt(this.#groupHeader, 'MsgId') ?? '',
      messageCreated: textAt(this.#groupHeader, 'CreDtTm')?.trim() ?? '',
      id: textAt(statement, 'Id') ?? '',
      electronicSequenceNumber: readWholeNumber(textAt(statement, 'ElctrncSeqNb')),
      legalSequenceNumber: readWholeNumber(textAt(statement, 'LglSeqNb')),
      created: textAt(statement, 'CreDtTm')?.trim(),
      from: textAt(period, 'FrDtTm')?.trim(),
      to: textAt(period, 'ToDtTm')?.trim(),
      copy: textAt(statement, 'CpyDplctInd'),
      account,
      currency: textAt(accountNode, 'Ccy'),
      isPartial:
        isOneOfSeveralPages(child(this.#groupHeader, 'MsgPgntn')) ||
        isOneOfSeveralPages(child(statement, 'StmtPgntn')),
    };
  }

  #countEntry(tag: StartTag): void {
    if (this.#depth !== (this.#document?.depth ?? 0) + 3) return;
    this.#entries += 1;
    if (this.#entries > this.#limits.maxEntries) {
      throw new StatementError(
        `The file has more than ${this.#limits.maxEntries} entries.`,
        tag.place.line,
        tag.place.column,
      );
    }
  }

  #addTransaction(statement: Opened, node: Node): void {
    if (statement.transactions.length >= this.#limits.maxTransactions) {
      throw new StatementError(
        `One entry has more than ${this.#limits.maxTransactions} transactions.`,
        node.line,
        node.column,
      );
    }
    statement.transactions.push(readTransaction(node));
  }

  #addEntry(statement: Opened, node: Node): void {
    const { header, sums, transactions, counter } = statement;
    if (!header) return;
    statement.transactions = [];
    const entry = readEntry(node, sums.entries, transactions);
    const identified = { ...entry, identity: entryIdentity(header.account, entry, counter) };
    sums.add(identified);
    this.#events.push(identified);
  }

  #finish(statement: Opened, node: Node): void {
    const { index, sums, balances, summary, header } = statement;
    this.#statement = undefined;
    this.#events.push({
      type: 'statement-end',
      line: node.line,
      index,
      entries: sums.entries,
      transactions: sums.transactions,
      balances,
      totals: sums.totals,
      proof: proveStatement(sums, balances, summary, header?.isPartial ?? false),
    });
  }

  /** The sentence for a file that is something else, naming what it is. */
  #notStatement(root: StartTag | undefined, line: number, inner?: StartTag): StatementError {
    const iso = /^urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})$/.exec(
      root?.namespace ?? '',
    );
    const found =
      iso && root?.name === 'Document'
        ? `it is ${iso[1] ?? ''}`
        : root?.name === 'Document' && root.namespace === ''
          ? 'its Document is in no namespace'
          : root?.name === 'Document'
            ? `its Document is of ${quote(root.namespace)}`
            : `its first element is ${quote(root?.name ?? '')}` +
              (inner ? ` with ${quote(inner.name)} in it` : '');
    const read = `camt.053.001.${String(OLDEST_VERSION).padStart(2, '0')} to ${NEWEST_VERSION}`;
    return new StatementError(`The file is not a bank statement of the versions ${read}: ${found}.`, line);
  }
}
