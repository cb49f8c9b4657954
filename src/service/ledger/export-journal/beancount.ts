import { plainText } from '../../exports/plain-text.ts';
import { journalName } from './account-names.ts';
import { dayAfter, type DatedTransfer } from './dates.ts';
import {
  accountOfEntry,
  amountsOf,
  factsOf,
  journalAmount,
  journalMoney,
  partiesOf,
  type JournalFormat,
} from './format.ts';

/**
 * A journal for beancount (https://beancount.github.io/docs/beancount_language_syntax.html). `bean-check` passes, and
 * its balances are ours: every account has a balance directive on the day after the last transfer, with no tolerance
 * (without `~ 0` beancount would let a cent pass).
 */
export const BEANCOUNT: JournalFormat = {
  head: '; The book of an OKpay wallet. Positive amounts are debits, negative ones credits.\noption "title" "OKpay"\n\n',
  byDay: true,
  account: (account, day, currency) => {
    const declared = currency === undefined ? '' : `${day} commodity ${currency}\n`;
    const name = account.ownerName === null ? '' : `  name: ${quoted(account.ownerName)}\n`;
    return `${declared}${day} open ${journalName(account)} ${account.currency}\n${name}`;
  },
  transfers: (page) => page.map(transaction).join(''),
  closing: {
    head: () => '\n',
    account: (account, lastDay) => {
      const { balance, currency } = account;
      const amount = journalAmount(balance, currency);
      return `${dayAfter(lastDay)} balance ${journalName(account)} ${amount} ~ 0 ${currency}\n`;
    },
  },
};

function transaction(t: DatedTransfer): string {
  const { from, to } = partiesOf(t);
  const facts = [
    ['transfer', quoted(t.id)],
    ['at', quoted(t.at)],
    ...amountsOf(t),
    ...factsOf(t).map(([name, text]) => [name, quoted(text)] as const),
  ];
  const metadata = facts.map(([name, value]) => `  ${name}: ${value}\n`);
  const lines = t.entries.map((entry) => {
    const { name, currency } = accountOfEntry(entry);
    return `  ${name}  ${journalMoney(entry.amount, currency)}\n`;
  });
  const head = `${t.date} * ${quoted(`${from} → ${to}`)} ${quoted(t.note ?? t.kind)}`;
  return `\n${head}\n${metadata.join('')}${lines.join('')}`;
}

/** A string as beancount reads it: backslashes and quotes escaped, everything on one line. */
function quoted(text: string): string {
  return `"${plainText(text).replace(/[\\"]/g, '\\$&')}"`;
}
