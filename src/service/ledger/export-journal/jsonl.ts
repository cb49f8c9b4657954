import { formatMinor } from '../../../core/money.ts';
import type { DatedTransfer } from './dates.ts';
import { accountOfEntry, journalAmount, partiesOf, type JournalFormat } from './format.ts';

/**
 * JSON Lines: one object for each transfer, with its entries. Texts are exact; amounts are decimal strings, in entries
 * and balances debits when positive.
 */
export const JSONL: JournalFormat = {
  head: '',
  byDay: false,
  transfers: (page) => page.map((transfer) => `${JSON.stringify(objectOf(transfer))}\n`).join(''),
};

function objectOf(t: DatedTransfer): unknown {
  const { from, to } = partiesOf(t);
  return {
    transfer: t.id,
    at: t.at,
    kind: t.kind,
    initiator: t.initiator,
    from,
    to,
    paid: { amount: formatMinor(t.paid, t.fromCurrency), currency: t.fromCurrency },
    fee: { amount: formatMinor(t.fee, t.fromCurrency), currency: t.fromCurrency },
    received: { amount: formatMinor(t.received, t.toCurrency), currency: t.toCurrency },
    ...(t.quote === null ? {} : { quote: t.quote }),
    ...(t.note === null ? {} : { note: t.note }),
    ...(t.details === null ? {} : { details: JSON.parse(t.details) as unknown }),
    entries: t.entries.map((entry) => {
      const { name, currency } = accountOfEntry(entry);
      return {
        line: Number(entry.line),
        account: name,
        ledgerAccount: entry.accountName,
        amount: journalAmount(entry.amount, currency),
        currency,
        balanceAfter: journalAmount(entry.after, currency),
      };
    }),
  };
}
