import { plainText } from '../../exports/plain-text.ts';
import { journalName } from './account-names.ts';
import type { DatedTransfer } from './dates.ts';
import {
  accountOfEntry,
  amountsOf,
  factsOf,
  journalMoney,
  partiesOf,
  sampleAmount,
  type JournalFormat,
} from './format.ts';

/**
 * A journal for hledger (https://hledger.org/hledger.html#journal). `hledger check accounts commodities balanced
 * ordereddates assertions` passes, and its balances are ours: the last transaction asserts every one.
 */
export const HLEDGER: JournalFormat = {
  head: '; The book of an OKpay wallet. Positive amounts are debits, negative ones credits.\ndecimal-mark .\n\n',
  byDay: true,
  account: (account, _day, currency) => {
    const declared = currency === undefined ? '' : `commodity ${sampleAmount(currency)}\n`;
    const name = account.ownerName === null ? '' : `  ; ${inComment(account.ownerName)}`;
    return `${declared}account ${journalName(account)}${name}\n`;
  },
  transfers: (page) => page.map(transaction).join(''),
  closing: {
    head: (lastDay) => `\n${lastDay} * Balances of all accounts in the ledger\n`,
    account: (account) => {
      const { balance, currency } = account;
      return `    ${journalName(account)}  ${journalMoney(0n, currency)} = ${journalMoney(balance, currency)}\n`;
    },
  },
};

function transaction(t: DatedTransfer): string {
  const { from, to } = partiesOf(t);
  const tags = [
    ['at', t.at],
    ...amountsOf(t),
    ...factsOf(t).map(([name, text]) => [name, inComment(text)] as const),
  ];
  const comments = tags.map(([name, text]) => `    ; ${name}: ${text}\n`);
  const lines = t.entries.map((entry) => {
    const { name, currency } = accountOfEntry(entry);
    return `    ${name}  ${journalMoney(entry.amount, currency)}\n`;
  });
  const description = `${inDescription(from)} → ${inDescription(to)}`;
  const note = t.note === null ? '' : ` | ${inDescription(t.note)}`;
  return `\n${t.date} * (${t.id}) ${description}${note}\n${comments.join('')}${lines.join('')}`;
}

/** hledger has no escapes: what would begin a comment, or part the payee from the note, becomes its fullwidth twin. */
function inDescription(text: string): string {
  return plainText(text).replace(/[;|]/g, fullwidth);
}

/** The same for what would make a tag or a date of a comment, or end a tag's value. */
function inComment(text: string): string {
  return plainText(text).replace(/[:,[\]]/g, fullwidth);
}

function fullwidth(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) + 0xfee0);
}
