import type { Scope } from '../../core/contract/operations.ts';
import { isCurrency, type Currency } from '../../core/money.ts';
import type { TokenRow } from '../store/tokens.ts';

/** The most a token may pay, in minor units: at once, or in a day or a month by the calendar of UTC. */
export type Cap = {
  readonly per: 'payment' | 'day' | 'month';
  readonly most: bigint;
  readonly currency: Currency;
};

/** What a token for programs may do, and within which limits. */
export type TokenFacts = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** None: as much as there is. With any, a currency that none of them names may not be paid in. */
  readonly caps: readonly Cap[];
  /** Ids of the holders it may pay; undefined: anybody. */
  readonly payees: readonly string[] | undefined;
  /** The one payout plan that it carries out; undefined: it may pay what it likes. */
  readonly plan: string | undefined;
};

type Kept = { scopes: string; caps: string; payees: string | null };

/** How what a token may do is kept. */
export function keepTokenFacts({
  scopes,
  caps,
  payees,
}: Pick<TokenFacts, 'scopes' | 'caps' | 'payees'>): Kept {
  return {
    scopes: JSON.stringify(scopes),
    caps: JSON.stringify(caps.map(({ per, most, currency }) => [per, String(most), currency])),
    payees: payees ? JSON.stringify(payees) : null,
  };
}

/** What a token may do, as it was kept. Throws what is not written right: nothing is allowed by mistake. */
export function tokenFactsOf(row: TokenRow): TokenFacts {
  const caps = JSON.parse(row.caps) as [Cap['per'], string, string][];
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    caps: caps.map(([per, most, currency]) => {
      if (!isCurrency(currency)) throw new Error(`token ${row.id} has a cap in no currency`);
      return { per, most: BigInt(most), currency };
    }),
    payees: row.payees === null ? undefined : (JSON.parse(row.payees) as string[]),
    plan: row.plan ?? undefined,
  };
}
