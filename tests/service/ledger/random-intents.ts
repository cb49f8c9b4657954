import type { Currency } from '../../../src/core/money.ts';
import { clearingAccount, feesAccount, holderAccount } from '../../../src/service/ledger/accounts.ts';
import { restrictionGuard } from '../../../src/service/ledger/guards.ts';
import type { Guard, Intent } from '../../../src/service/ledger/intent.ts';
import { mayBegin } from '../../../src/service/restrictions/may.ts';
import { capture, deposit, hold, release, send, type Book } from './new-book.ts';

/** A stream of random numbers that a seed repeats (mulberry32). */
export function randomFrom(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mix = Math.imul(state ^ (state >>> 15), state | 1);
    mix ^= mix + Math.imul(mix ^ (mix >>> 7), mix | 61);
    return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (of: number) => next() < of,
    pick: <T>(from: readonly T[]) => from[below(from.length)] as T,
  };
}

const HOLDERS = Array.from({ length: 60 }, (_, at) => `user${at}`);
const HOT = ['user0', 'user1'];
const CURRENCIES: readonly Currency[] = ['EUR', 'EUR', 'EUR', 'JPY', 'KWD'];
/** How many of the last intents and holds come up again. */
const MEMORY = 400;

/** Makes one random batch after the other: what people, merchants, retries and mistakes send to the ledger. */
export function makeRandomBatches(seed: number) {
  const { below, chance, pick } = randomFrom(seed);
  const sent: Intent[] = [];
  const holds: { id: string; of: string; amount: bigint; currency: Currency; endsAt: number }[] = [];
  const restricted = new Set<string>();
  let quotes = 0;
  const remember = <T>(list: T[], item: T) => {
    list.push(item);
    if (list.length > MEMORY) list.shift();
  };

  const limit = (who: string, add: bigint): Guard => ({
    name: `limit:${who}`,
    add,
    most: 60_000n,
    refusal: { code: 'reference_used', facts: { reference: who } },
  });

  const intent = (book: Pick<Book, 'newId' | 'clock'>, hot: boolean): Intent => {
    const who = hot ? pick(HOT) : pick(HOLDERS);
    const other = hot ? pick(HOLDERS) : chance(0.1) ? pick(HOT) : pick(HOLDERS);
    const currency = hot ? 'EUR' : pick(CURRENCIES);
    const amount = BigInt(1 + below(chance(0.1) ? 400_000 : 9_000));
    const fee = chance(0.5) ? 0n : BigInt(1 + below(40));
    const dice = below(100);
    if (dice < 14) return deposit(book, who, amount * 3n, { currency });
    if (dice < 16) return restrict(book, pick(HOLDERS));
    if (dice < 36) {
      const guards = [
        mayBegin(holderAccount(who, currency), 'send'),
        mayBegin(holderAccount(other, currency), 'receive'),
      ];
      return send(book, who, other, amount, { currency, fee, guards });
    }
    if (dice < 44) {
      const quote = `quo_${chance(0.3) ? below(quotes + 1) : (quotes += 1)}`;
      return send(book, who, other, amount, { currency, fee, quote });
    }
    if (dice < 48) return send(book, who, other, amount, { currency, guards: [limit(who, amount)] });
    if (dice < 52) return split(book, who, amount, currency);
    if (dice < 62) {
      const endsAt = chance(0.5) ? Infinity : book.clock.ms + below(60);
      const made = hold(book, who, amount, { currency, ...(endsAt === Infinity ? {} : { endsAt }) });
      remember(holds, { id: made.id, of: who, amount, currency, endsAt });
      return made;
    }
    const held = holds.length === 0 ? undefined : pick(holds);
    if (dice < 70 && held) {
      const part = chance(0.4)
        ? held.amount
        : chance(0.1)
          ? held.amount + 1n
          : 1n + (held.amount * BigInt(below(100))) / 100n;
      const payer = chance(0.05) ? other : held.of;
      return capture(book, held.id, payer, other, part, { currency: held.currency });
    }
    if (dice < 78 && held) {
      // That a hold expires is never said before its time.
      const as = book.clock.ms >= held.endsAt && chance(0.5) ? 'expired' : 'voided';
      return release(book, held.id, chance(0.05) ? other : held.of, as, { currency: held.currency });
    }
    const earlier = sent.length === 0 ? undefined : pick(sent);
    if (dice < 86 && earlier) return { ...earlier, id: book.newId('transfer') };
    if (dice < 90 && earlier)
      return {
        ...send(book, who, other, amount, { currency }),
        key: { ...earlier.key, fingerprint: 'operation=other' },
      };
    if (dice < 94) {
      const at = new Date(book.clock.ms + below(5) - 2).toISOString();
      const refusal = { code: 'quote_expired' as const, facts: { expiresAt: at } };
      return { ...send(book, who, other, amount, { currency, fee }), notAfter: { at, refusal } };
    }
    if (dice < 98) return { ...send(book, who, other, amount, { currency, fee }), dryRun: true };
    const burnt = send(book, who, other, amount, { currency });
    return {
      id: burnt.id,
      initiator: who,
      key: burnt.key,
      entries: [],
      refuse: { code: 'intent_abandoned', facts: {} },
    };
  };

  /** Keeps somebody from sending or receiving, or lifts that: what is counted has to be asked then. */
  const restrict = (book: Pick<Book, 'newId'>, who: string): Intent => {
    const capability = pick(['send', 'receive'] as const);
    const name = restrictionGuard(who, capability);
    const isRestricted = restricted.has(name);
    if (isRestricted) restricted.delete(name);
    else restricted.add(name);
    const id = book.newId('restriction');
    return {
      id,
      initiator: 'system:test',
      key: { owner: 'system:test', key: id, fingerprint: 'operation=restrict' },
      entries: [],
      guards: [
        { name, add: isRestricted ? -1n : 1n, most: 1n, refusal: { code: 'balance_limit', facts: {} } },
      ],
      watch: [...new Set(CURRENCIES)].map((currency) => holderAccount(who, currency)),
    };
  };

  /** One payment that reaches several people and costs a fee. */
  const split = (book: Pick<Book, 'newId'>, who: string, amount: bigint, currency: Currency): Intent => {
    const others = HOLDERS.filter((holder) => holder !== who);
    const shares = Array.from({ length: 2 + below(4) }, () => ({
      account: holderAccount(pick(others), currency),
      amount: 1n + (amount * BigInt(below(50))) / 100n,
    }));
    const sum = (lines: typeof shares) => lines.reduce((all, line) => all + line.amount, 0n);
    const to = (shares[0] as (typeof shares)[number]).account;
    const payer = chance(0.2)
      ? clearingAccount('DE02120300000000202051', currency)
      : holderAccount(who, currency);
    return {
      ...send(book, who, 'several', amount, { currency }),
      transfer: {
        kind: 'payout',
        from: payer,
        to,
        paid: sum(shares) + 2n,
        fee: 2n,
        received: sum(shares.filter(({ account }) => account.name === to.name)),
      },
      entries: [
        { account: payer, amount: -sum(shares) - 2n },
        ...shares,
        { account: feesAccount(currency), amount: 2n },
      ],
    };
  };

  return (book: Pick<Book, 'newId' | 'clock'>): Intent[] => {
    const hot = chance(0.2);
    const size = hot ? 64 + below(300) : 1 + below(chance(0.1) ? 1_500 : 120);
    return Array.from({ length: size }, () => {
      const made = intent(book, hot);
      remember(sent, made);
      return made;
    });
  };
}

/**
 * What an audit finds, but for guards of restrictions: here these are set by intents alone, without the rows of
 * restrictions that the audit counts. On several nodes a change of a restriction whose key comes again in another form may
 * lose against that form, while the change that takes it back is made: then the guard is below zero.
 */
export function withoutRestrictions(findings: readonly string[]): string[] {
  return findings.filter((finding) => !/^Guard restricted:user\d+:\w+ is -?\d+; /.test(finding));
}
