import { Refusal } from '../../core/contract/refusals.ts';
import { toWire } from '../../core/money.ts';
import { plainText } from '../exports/plain-text.ts';
import {
  beginDocument,
  beginStatement,
  endDocument,
  endStatement,
  writeEntry,
} from '../rails/write-statement.ts';
import { documentTime } from './issuer.ts';
import { beginPage, endPage, escaped, factList, tableRow } from './page.ts';
import { groupedAmount, type AccountMonth, type Statement, type StatementLine } from './statement.ts';

/** How the parts of a statement are written. `isFirst` says whether the part is the first of its list. */
type Format = {
  readonly begin: (statement: Statement) => string;
  readonly beginAccount: (account: AccountMonth, statement: Statement, isFirst: boolean) => string;
  readonly lines: (page: readonly StatementLine[], account: AccountMonth, isFirst: boolean) => string;
  readonly endAccount: (account: AccountMonth, statement: Statement) => string;
  readonly end: (statement: Statement) => string;
};

const IN_PROGRESS = 'The month is not over: more may still come.';
const NO_ACCOUNT = 'No money had come in by then.';

const JSON_FORMAT: Format = {
  begin: ({ issuer, holder, month, from, to, isOver }) => {
    const head = { operator: issuer.operator, url: issuer.url, issuedAt: issuer.at, holder };
    const text = JSON.stringify({ ...head, month, from, to, isOver });
    return `${text.slice(0, -1)},"accounts":[`;
  },
  beginAccount: ({ currency, opening, closing, credits, debits }, _statement, isFirst) => {
    const text = JSON.stringify({
      currency,
      opening: toWire(opening, currency),
      closing: toWire(closing, currency),
      credits: { count: credits.count, sum: toWire(credits.sum, currency) },
      debits: { count: debits.count, sum: toWire(debits.sum, currency) },
    });
    return `${isFirst ? '' : ','}\n${text.slice(0, -1)},"entries":[`;
  },
  lines: (page, { currency }, isFirst) => {
    const texts = page.map(({ seq, id, at, kind, amount, after, other, fee, note, what }) =>
      JSON.stringify({
        number: Number(seq),
        transfer: id,
        at,
        kind,
        what,
        amount: toWire(amount, currency),
        balanceAfter: toWire(after, currency),
        other: other.isHolder ? { id: other.id, name: other.name } : { name: other.name },
        // It is in the amount of who paid.
        ...(fee > 0n && amount < 0n ? { fee: toWire(fee, currency) } : {}),
        ...(note === null ? {} : { note }),
      }),
    );
    return `${isFirst ? '' : ','}\n${texts.join(',\n')}`;
  },
  endAccount: () => ']}',
  end: () => ']}\n',
};

/** Columns that hold figures come first, so that no name can push them out of line. */
const TEXT_FORMAT: Format = {
  begin: ({ issuer, holder, month, from, to, isOver, accounts }) =>
    linesOf([
      `Statement of ${month}, days of UTC: ${from} to ${to}`,
      `${plainText(holder.name)} (${holder.id})`,
      `Issued by ${plainText(issuer.operator)}, ${issuer.url}, on ${documentTime(issuer.at)}`,
      ...(isOver ? [] : [IN_PROGRESS]),
      ...(accounts.length === 0 ? ['', NO_ACCOUNT] : []),
    ]),
  beginAccount: (account) => {
    const { currency, opening } = account;
    return linesOf([
      '',
      currency,
      '',
      row('Day and time', 'Amount', 'Balance', 'What'),
      row('', '', groupedAmount(opening, currency), 'Opening balance'),
    ]);
  },
  lines: (page, { currency }) =>
    linesOf(
      page.map((line) =>
        row(
          `${line.at.slice(0, 10)} ${line.at.slice(11, 16)}`,
          groupedAmount(line.amount, currency),
          groupedAmount(line.after, currency),
          `${line.id}  ${plainText(said(line, currency))}`,
        ),
      ),
    ),
  endAccount: ({ currency, opening, closing, credits, debits }, { isOver }) =>
    linesOf([
      row('', '', groupedAmount(closing, currency), isOver ? 'Closing balance' : 'Balance so far'),
      '',
      `Came in: ${groupedAmount(credits.sum, currency)} ${currency} in ${entryCount(credits.count)}`,
      `Went out: ${groupedAmount(debits.sum, currency)} ${currency} in ${entryCount(debits.count)}`,
      `Opening and entries make ${groupedAmount(opening + credits.sum - debits.sum, currency)} ${currency}.`,
    ]),
  end: () => '',
};

const TABLE_HEAD = `<table><thead><tr><th scope="col">Day and time</th><th scope="col">What</th>
<th scope="col" class="figure">Amount</th><th scope="col" class="figure">Balance</th></tr></thead>
<tbody>
`;

const HTML_FORMAT: Format = {
  begin: ({ issuer, holder, month, from, to, isOver, accounts }) =>
    [
      beginPage(`Statement of ${month}`, [issuer.operator, issuer.url]),
      factList([
        ['Account of', `${holder.name} (${holder.id})`],
        ['Days', `${from} to ${to}, in UTC`],
        ['Issued', documentTime(issuer.at)],
      ]),
      isOver ? '' : `<p class="mark">${escaped(IN_PROGRESS)}</p>\n`,
      accounts.length === 0 ? `<p>${escaped(NO_ACCOUNT)}</p>\n` : '',
    ].join(''),
  beginAccount: ({ currency, opening, credits, debits }) =>
    [
      `<h2>${currency}</h2>\n`,
      factList([
        ['Opening balance', `${groupedAmount(opening, currency)} ${currency}`],
        ['Came in', `${groupedAmount(credits.sum, currency)} ${currency} in ${entryCount(credits.count)}`],
        ['Went out', `${groupedAmount(debits.sum, currency)} ${currency} in ${entryCount(debits.count)}`],
      ]),
      TABLE_HEAD,
      balanceRow('Opening balance', groupedAmount(opening, currency)),
    ].join(''),
  lines: (page, { currency }) =>
    page
      .map((line) =>
        tableRow([
          { kind: 'day', markup: escaped(`${line.at.slice(0, 10)} ${line.at.slice(11, 16)}`) },
          { kind: 'what', markup: `${escaped(said(line, currency))}<br><small>${escaped(line.id)}</small>` },
          { kind: 'figure', markup: groupedAmount(line.amount, currency) },
          { kind: 'figure', markup: groupedAmount(line.after, currency) },
        ]),
      )
      .join(''),
  endAccount: ({ currency, closing }, { isOver }) => {
    const closes = balanceRow(
      isOver ? 'Closing balance' : 'Balance so far',
      groupedAmount(closing, currency),
    );
    return `${closes}</tbody></table>\n`;
  },
  end: ({ issuer }) => endPage(`Given out by ${issuer.operator} on ${documentTime(issuer.at)}.`),
};

function balanceRow(what: string, amount: string): string {
  return tableRow([
    { kind: 'day', markup: '' },
    { kind: 'what strong', markup: escaped(what) },
    { kind: 'figure', markup: '' },
    { kind: 'figure strong', markup: amount },
  ]);
}

function entryCount(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

/** The account is known by its holder; a number of a bank it is not. */
const CAMT_FORMAT: Format = {
  begin: (statement) => {
    if (statement.accounts.length === 0)
      throw new Refusal('input_invalid', {
        field: 'format',
        reason: 'cannot say that there was no account: name a currency, or take another format',
      });
    for (const account of statement.accounts) checkDigits(account);
    const { month, issuer } = statement;
    return `${beginDocument(`${month}-${issuer.at.replace(/\D/g, '')}`, new Date(issuer.at))}\n`;
  },
  beginAccount: (account, { issuer, holder, month, from, to, isOver }) => {
    const { currency, opening, closing, credits, debits } = account;
    const begin = beginStatement({
      ...{ id: `${month}-${currency}`, created: new Date(issuer.at), from, to, credits, debits },
      account: { other: holder.id },
      owner: holder.name,
      servicer: issuer.operator,
      opening: { minor: opening, currency },
      closing: { minor: closing, currency },
      isInterim: !isOver,
    });
    return `${begin}\n`;
  },
  lines: (page, { currency }) =>
    page
      .map((line) => {
        const isCredit = line.amount > 0n;
        return `${writeEntry({
          amount: { minor: isCredit ? line.amount : -line.amount, currency },
          direction: isCredit ? 'credit' : 'debit',
          bookingDate: line.at.slice(0, 10),
          accountServicerReference: line.id,
          remittance: said(line, currency),
          ...(line.other.isHolder ? { family: 'BOOK' } : {}),
          ...(isCredit ? { debtorName: line.other.name } : { creditorName: line.other.name }),
        })}\n`;
      })
      .join(''),
  endAccount: (_account, { isOver }) => `${isOver ? endStatement() : endStatement(IN_PROGRESS)}\n`,
  end: () => `${endDocument()}\n`,
};

const FORMATS = { text: TEXT_FORMAT, json: JSON_FORMAT, html: HTML_FORMAT, camt053: CAMT_FORMAT };

/** How a statement can be written. */
export type StatementFormat = keyof typeof FORMATS;

/** A statement as text, in pieces. Throws `input_invalid` for what the format cannot say, before the first one. */
export async function* writeStatementAs(
  statement: Statement,
  format: StatementFormat,
): AsyncGenerator<string> {
  const write = FORMATS[format];
  yield write.begin(statement);
  for (const [at, account] of statement.accounts.entries()) {
    yield write.beginAccount(account, statement, at === 0);
    let isFirst = true;
    for await (const page of account.lines()) {
      yield write.lines(page, account, isFirst);
      isFirst = false;
    }
    yield write.endAccount(account, statement);
  }
  yield write.end(statement);
}

/** What an entry was, in words, with the fee that is in its amount and what the payer wrote. */
function said({ what, fee, amount, note }: StatementLine, currency: AccountMonth['currency']): string {
  const charged = fee > 0n && amount < 0n ? `, fee ${groupedAmount(fee, currency)}` : '';
  return `${what}${charged}${note === null ? '' : `: ${note}`}`;
}

function row(day: string, amount: string, balance: string, what: string): string {
  return `${day.padEnd(16)}  ${amount.padStart(16)}  ${balance.padStart(18)}  ${what}`;
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** ISO 20022 has 18 digits for an amount. No entry is more than its side comes to. */
function checkDigits({ opening, closing, credits, debits }: AccountMonth): void {
  const sizes = [opening, closing, credits.sum, debits.sum].map((minor) => (minor < 0n ? -minor : minor));
  if (sizes.every((size) => size < 10n ** 18n)) return;
  throw new Refusal('input_invalid', {
    field: 'format',
    reason: 'has no room for amounts of more than 18 digits: take another one',
  });
}
