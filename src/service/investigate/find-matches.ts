import { firstIdAt, kindOfId } from '../../core/contract/ids.ts';
import type { Output, Parsed } from '../../core/contract/operations.ts';
import { toWire, type Money } from '../../core/money.ts';
import { timestamp, type Deps } from '../deps.ts';
import { describeMasked } from '../identity/describe-masked.ts';
import { maskEmail } from '../identity/mask.ts';
import { transferById, transfersOfAmount } from '../ledger/read.ts';
import { checkCursorOf, pageOf } from '../page.ts';
import { ownerOf } from '../store/owners.ts';
import { payeesNamed } from '../store/payees.ts';
import {
  userByDepositReference,
  userByEmail,
  userById,
  usersBetween,
  usersByIds,
  usersByPhone,
  type UserRow,
} from '../store/users.ts';
import type { Wanted } from './wanted.ts';

type Answer = Omit<Output<'search-accounts'>, 'by'>;
type Match = Answer['matches'][number];
type Page = Pick<Parsed<'search-accounts'>, 'cursor' | 'since' | 'until'> & { readonly limit: number };
type Known = Pick<Deps, 'engine' | 'now'>;

/** How far back an amount is looked for when no time is given, in milliseconds. */
const DAY_MS = 24 * 3_600_000;
/** Transfers that one call looks at for an amount: a millisecond of work. Whoever wants more asks again. */
const LOOK = 1_000;
/** Between the making of a transfer's id and its time, in milliseconds: longer than any call lasts. */
const SLACK_MS = 60_000;

/** The accounts that are meant, a page of them. Everything is found by an index, or among a bounded number of rows. */
export async function findMatches(deps: Known, wanted: Wanted, page: Page): Promise<Answer> {
  const { engine } = deps;
  switch (wanted.by) {
    case 'email':
      return onlyThis(await userByEmail(engine, wanted.key));
    case 'reference':
      return onlyThis(await userByDepositReference(engine, wanted.key));
    case 'id':
      return onlyThis(await userOfId(deps, wanted.key));
    case 'transfer':
      return ofTransfer(deps, wanted.key);
    case 'phone': {
      checkCursorOf(page.cursor, 'user');
      const rows = await usersByPhone(engine, wanted.key, { before: page.cursor, limit: page.limit + 1 });
      return several(rows, page.limit);
    }
    case 'payee':
      return ofPayee(deps, wanted.key, page);
    case 'amount':
      return ofAmount(deps, wanted.amount, page);
    case 'opened': {
      checkCursorOf(page.cursor, 'user');
      const { since, until, from, before } = windowOf('user', page, { sinceMs: 0, untilMs: deps.now() + 1 });
      const rows = await usersBetween(engine, from, page.cursor ?? before, page.limit + 1);
      return { ...several(rows, page.limit), window: { since, until } };
    }
  }
}

function onlyThis(user: UserRow | undefined): Answer {
  return { matches: user ? [{ holder: describeMasked(user) }] : [] };
}

function several(rows: readonly UserRow[], limit: number): Answer {
  const { page, next } = pageOf(rows, limit);
  return { matches: page.map((user) => ({ holder: describeMasked(user) })), ...next };
}

async function userOfId({ engine }: Known, id: string): Promise<UserRow | undefined> {
  const kind = kindOfId(id);
  if (kind === undefined) return undefined;
  const owner = kind === 'user' ? id : await ownerOf(engine, kind, id);
  return owner === undefined ? undefined : userById(engine, owner);
}

async function ofTransfer(deps: Known, id: string): Promise<Answer> {
  const found = await transferById(deps.engine, id);
  if (!found) return { matches: [] };
  return { matches: await partiesOf(deps, [{ ...found, currency: found.fromCurrency }]) };
}

async function ofPayee({ engine }: Known, nameKey: string, { cursor, limit }: Page): Promise<Answer> {
  checkCursorOf(cursor, 'payee');
  const rows = await payeesNamed(engine, nameKey, { before: cursor, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
  const owners = await byId(
    engine,
    page.map(({ owner }) => owner),
  );
  const matches = page.flatMap(({ owner, name, recipient, displayName, email }): Match[] => {
    const user = owners.get(owner);
    const to = { id: recipient, name: displayName, email: maskEmail(email) };
    return user ? [{ holder: describeMasked(user), payee: { name, to } }] : [];
  });
  return { matches, ...next };
}

async function ofAmount(deps: Known, amount: Money, page: Page): Promise<Answer> {
  checkCursorOf(page.cursor, 'transfer');
  const untilMs = page.until === undefined ? deps.now() + 1 : Date.parse(page.until);
  const { since, until, from, before } = windowOf('transfer', page, { sinceMs: untilMs - DAY_MS, untilMs });
  const { found, last } = await transfersOfAmount(deps.engine, amount, {
    from,
    before: page.cursor ?? before,
    look: LOOK,
  });
  const inside = found.filter(({ at }) => at >= since && at < until);
  const shown = inside.slice(0, page.limit);
  const nextCursor = inside.length > page.limit ? shown.at(-1)?.id : last;
  return {
    matches: await partiesOf(deps, shown),
    window: { since, until },
    ...(nextCursor === undefined ? {} : { nextCursor }),
  };
}

/** Both holders of each transfer, those who paid first. */
async function partiesOf(
  { engine }: Known,
  transfers: readonly {
    readonly id: string;
    readonly at: string;
    readonly paid: bigint;
    readonly received: bigint;
    readonly currency: Money['currency'];
    readonly fromOwner: string | null;
    readonly toOwner: string | null;
  }[],
): Promise<Match[]> {
  const owners = transfers.flatMap(({ fromOwner, toOwner }) => [fromOwner, toOwner]);
  const users = await byId(
    engine,
    owners.filter((owner) => owner !== null),
  );
  return transfers.flatMap(({ id, at, paid, received, currency, fromOwner, toOwner }) =>
    (
      [
        ['out', fromOwner],
        ['in', toOwner],
      ] as const
    ).flatMap(([direction, owner]): Match[] => {
      const user = users.get(owner ?? '');
      const figures = { paid: toWire(paid, currency), received: toWire(received, currency) };
      return user ? [{ holder: describeMasked(user), transfer: { id, at, direction, ...figures } }] : [];
    }),
  );
}

async function byId(db: Deps['engine'], ids: readonly string[]): Promise<Map<string, UserRow>> {
  return new Map((await usersByIds(db, ids)).map((user) => [user.id, user]));
}

/** The span of time that is looked at, and of the ids made in it. */
function windowOf(
  kind: 'user' | 'transfer',
  page: Page,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
) {
  const since = page.since === undefined ? sinceMs : Date.parse(page.since);
  const until = page.until === undefined ? untilMs : Date.parse(page.until);
  const slack = kind === 'transfer' ? SLACK_MS : 0;
  return {
    since: timestamp(since),
    until: timestamp(until),
    from: firstIdAt(kind, since - slack),
    before: firstIdAt(kind, until),
  };
}
