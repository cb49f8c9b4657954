import { toWire } from '../../../core/money.ts';
import type { WriteTime } from '../../exports/times.ts';
import type { Line, LineFormat } from './line.ts';
import type { Party } from './parties.ts';

/** JSON Lines: one object for each line. Texts are exact; amounts are decimal strings with their currency. */
export const JSONL: LineFormat = {
  head: '',
  lines: (page, timeOf) => page.map((line) => `${JSON.stringify(objectOf(line, timeOf))}\n`).join(''),
};

function objectOf({ transfer: t, from, to, change }: Line, timeOf: WriteTime): unknown {
  return {
    transfer: t.id,
    at: timeOf(t.at),
    kind: t.kind,
    ...(change === undefined
      ? {}
      : {
          direction: change.amount < 0n ? 'out' : 'in',
          amount: toWire(change.amount, change.party.currency),
          balanceAfter: toWire(change.after, change.party.currency),
        }),
    from: partyOf(from),
    to: partyOf(to),
    paid: toWire(t.paid, from.currency),
    fee: toWire(t.fee, from.currency),
    received: toWire(t.received, to.currency),
    ...(t.note === null ? {} : { note: t.note }),
    ...(t.quote === null ? {} : { quote: t.quote }),
    initiator: t.initiator,
    ...(t.details === null ? {} : { details: JSON.parse(t.details) as unknown }),
  };
}

function partyOf({ id, name, isHolder }: Party): { id?: string; account?: string; name: string } {
  return isHolder ? { id, name } : { account: id, name };
}
