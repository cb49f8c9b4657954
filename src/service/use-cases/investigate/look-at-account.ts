import { toWire } from '../../../core/money.ts';
import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { timestamp } from '../../deps.ts';
import { isAlive } from '../../identity/authenticate.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { maskPhone } from '../../identity/mask.ts';
import { restrictionsAt } from '../../investigate/restrictions-at.ts';
import { balancesOf, newestHoldsOf } from '../../ledger/read.ts';
import { FIRST_LEVEL } from '../../limits/limit.ts';
import { accountFacts } from '../../store/account-facts.ts';
import { levelsOfHolders } from '../../store/levels.ts';
import { restrictionsEver } from '../../store/restrictions.ts';
import { casesOf } from '../../store/cases.ts';
import { notesOf } from '../../store/notes.ts';
import { sessionsOf } from '../../store/sessions.ts';
import { describeStaffCases } from '../../support/describe-case.ts';
import { describeNotes } from '../../support/describe-notes.ts';
import type { UseCase } from '../use-case.ts';

/** How many of each are shown, newest first; the story has the rest. */
const MOST = 20;

/** How an account stands now. Throws `not_found`. */
export const lookAtAccount: UseCase<'look-at-account'> = async (deps, actor, input) => {
  const { engine } = deps;
  const user = await findHolder(engine, input.holder);
  const now = timestamp(deps.now());
  const [balances, holds, restrictions, facts, sessions, notes, cases, [level]] = await Promise.all([
    balancesOf(engine, user.id),
    newestHoldsOf(engine, user.id, MOST),
    restrictionsEver(engine, user.id),
    accountFacts(engine, user.id, now),
    sessionsOf(engine, user.id),
    notesOf(engine, user.id, MOST),
    casesOf(engine, { user: user.id, state: 'open', limit: MOST }),
    levelsOfHolders(engine, [user.id]),
  ]);
  const answer = {
    holder: {
      id: user.id,
      name: user.displayName,
      email: user.email,
      ...(user.phone === null ? {} : { phone: maskPhone(user.phone) }),
      ...(user.role === null ? {} : { role: user.role }),
      depositReference: user.depositReference,
      level: level?.level ?? FIRST_LEVEL,
      createdAt: user.createdAt,
    },
    balances: balances.map(({ currency, balance, held }) => ({
      currency,
      balance: toWire(balance, currency),
      held: toWire(held, currency),
      available: toWire(balance - held, currency),
    })),
    holds: holds.map(({ id, amount, currency, reason, createdAt, expiresAt }) => ({
      id,
      amount: toWire(amount, currency),
      reason,
      since: createdAt,
      ...(expiresAt === null ? {} : { until: expiresAt }),
    })),
    restrictions: restrictionsAt(restrictions, now),
    secondFactor: facts.factorSince === null ? ('off' as const) : ('on' as const),
    sessions: sessions.filter((session) => isAlive(session, deps.now())).length,
    tokens: Number(facts.tokens),
    devices: Number(facts.devices),
    payees: Number(facts.payees),
    notes: await describeNotes(engine, notes),
    cases: await describeStaffCases(engine, cases),
  };
  await recordLooks(deps, actor, looksAt([user.id], { action: 'account-looked-at', reason: input.reason }));
  return answer;
};
