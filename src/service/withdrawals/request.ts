import type { Deps } from '../deps.ts';
import { askIn } from '../approvals/ask.ts';
import { formatMinor } from '../../core/money.ts';
import { holderAccount } from '../ledger/accounts.ts';
import { quoteGuard } from '../ledger/guards.ts';
import type { Intent, Outcome } from '../ledger/intent.ts';
import { mayBegin } from '../restrictions/may.ts';
import { quoteOf } from '../store/quotes.ts';
import { deleteBegun, type WithdrawalRow } from '../store/withdrawals.ts';
import { change, move, WITHDRAWALS } from './move.ts';
import { automaticUpTo } from './rules.ts';

/**
 * Puts the money of a withdrawal on hold, under the key that it was asked for with, and so makes it one. What was cut short
 * is gone on with by the same call: one key has one outcome. When it has none, the row goes; when the key was another
 * one's, too. What is above what the rules let through waits for a person (OWASP ASVS 5.0, V2.3.5).
 */
export async function request(deps: Deps, row: WithdrawalRow): Promise<Outcome> {
  const outcome = await deps.poster.post(await requestIntent(deps, row));
  if (outcome.state !== 'done' || outcome.id !== row.hold) {
    await deps.engine.transact((tx) => deleteBegun(tx, row.id));
    return outcome;
  }
  const isAutomatic = row.paid <= (await automaticUpTo(deps.engine, row.currency));
  await change(deps, row, async (tx, begun) => {
    const by = begun.userId;
    if (isAutomatic) {
      const requested = await move(tx, deps, begun, { event: 'request', by, more: { dueAt: null } });
      return requested && move(tx, deps, requested, { event: 'approve', by: WITHDRAWALS });
    }
    const { currency } = begun;
    const asked = await askIn(tx, deps, by, {
      act: 'withdrawal',
      holder: { id: by },
      input: {
        withdrawal: begun.id,
        amount: formatMinor(begun.amount, currency),
        fee: formatMinor(begun.fee, currency),
        currency,
      },
      reason: 'It is more than is paid out without somebody looking at it.',
    });
    return move(tx, deps, begun, { event: 'request', by, more: { dueAt: null, approval: asked.id } });
  });
  return outcome;
}

/** All that a request will write: the money, fee included, leaves what is available and stays in the balance. */
async function requestIntent({ engine }: Deps, row: WithdrawalRow): Promise<Intent> {
  const { userId, currency, hold, paid, key, fingerprint } = row;
  const account = holderAccount(userId, currency);
  const quote = await quoteOf(engine, userId, row.quote);
  const expiresAt = quote?.expiresAt ?? row.requestedAt;
  return {
    id: hold,
    initiator: userId,
    key: { owner: userId, key, fingerprint },
    notAfter: { at: expiresAt, refusal: { code: 'quote_expired', facts: { expiresAt } } },
    guards: [
      mayBegin(account, 'withdraw'),
      {
        name: quoteGuard(row.quote),
        add: 1n,
        most: 1n,
        refusal: { code: 'quote_used', facts: { quote: row.quote } },
      },
    ],
    makeHolds: [{ id: hold, account, amount: paid, reason: `the withdrawal ${row.id}`, expiresAt: null }],
    entries: [],
  };
}
