import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import { endOfSpan, spanOf } from '../ledger/calendar.ts';
import { tokenGuard } from '../ledger/guards.ts';
import { guardsByNames } from '../ledger/read.ts';
import type { Reader } from '../store/engine/engine.ts';
import type { TokenRow } from '../store/tokens.ts';
import { partiesByIds } from '../store/users.ts';
import { tokenFactsOf, type Cap, type TokenFacts } from './token-facts.ts';

type Shown = Output<'list-tokens'>['tokens'][number];

/** Tokens as the contract shows them to their owner at an instant, in their order: with what is used of their caps. */
export async function describeTokens(db: Reader, rows: readonly TokenRow[], at: string): Promise<Shown[]> {
  const tokens = rows.map((row) => ({ row, facts: tokenFactsOf(row) }));
  const counted = tokens.flatMap(({ facts }) => facts.caps.flatMap((cap) => guardOf(facts, cap, at) ?? []));
  const payees = tokens.flatMap(({ facts }) => facts.payees ?? []);
  const [guards, parties] = await Promise.all([guardsByNames(db, counted), partiesByIds(db, payees)]);
  const used = new Map(guards.map(({ name, value }) => [name, value]));
  const people = new Map(parties.map(({ id, displayName, email }) => [id, { id, name: displayName, email }]));
  return tokens.map(({ row, facts }) => ({
    id: row.id,
    name: row.name,
    scopes: [...facts.scopes],
    caps: facts.caps.map((cap) => {
      const { per, most, currency } = cap;
      const guard = guardOf(facts, cap, at);
      return {
        per,
        most: toWire(most, currency),
        ...(guard === undefined || per === 'payment'
          ? {}
          : { used: toWire(used.get(guard) ?? 0n, currency), resetsAt: endOfSpan(at, per) }),
      };
    }),
    ...(facts.payees ? { payees: facts.payees.map((id) => people.get(id) ?? { id, name: '' }) } : {}),
    ...(row.networks === null ? {} : { networks: JSON.parse(row.networks) as string[] }),
    ...(row.plan === null ? {} : { plan: row.plan }),
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: row.lastUsedAt }),
    ...(row.lastNetwork === null ? {} : { lastNetwork: row.lastNetwork }),
  }));
}

function guardOf({ id }: TokenFacts, { per, currency }: Cap, at: string): string | undefined {
  return per === 'payment' ? undefined : tokenGuard(id, per, spanOf(at, per), currency);
}
