import { kindOfId } from '../../../core/contract/ids.ts';
import type { Parsed } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { parseCurrency, parsePositiveAmount } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp, type HolderActor } from '../../deps.ts';
import { haveMailed } from '../../have-mailed.ts';
import { tokenHashOf } from '../../identity/authenticate.ts';
import { makeApiToken } from '../../identity/codes.ts';
import { describeTokens } from '../../identity/describe-tokens.ts';
import { findRecipients } from '../../identity/find-recipient.ts';
import { readNetwork } from '../../identity/networks.ts';
import { keepTokenFacts, type Cap } from '../../identity/token-facts.ts';
import { checkMayLogIn } from '../../restrictions/admit.ts';
import { insertToken, tokensOf } from '../../store/tokens.ts';
import type { UseCase } from '../use-case.ts';

type Asked = Parsed<'create-token'>;

const DAY_MS = 24 * 3_600_000;
/** How long a token lives when nobody says otherwise. */
const USUAL_LIFE_MS = 90 * DAY_MS;

/**
 * Makes a token for programs: 256 random bits, of which only the hash is kept. It can do less than its owner, never more.
 * Throws `second_factor_missing` and `role_insufficient` (for the scope `staff`), `input_invalid`, `currency_unknown`,
 * `amount_invalid`, `recipient_unknown`, `account_restricted`, `token_exists`, `token_limit`.
 */
export const createToken: UseCase<'create-token'> = async (deps, actor, input) => {
  const { engine, now, newId, random } = deps;
  checkName(input.name);
  const scopes = [...new Set(input.scopes)];
  if (scopes.includes('staff')) checkStaff(actor);
  const at = now();
  const expiresAt = expiryOf(input, at);
  const caps = capsOf(input);
  const networks = input.networks?.map((network, row) => readNetwork(network, `networks.${row}`));
  const payees = await payeesOf(input, (all) => findRecipients(engine, actor.user, all));
  const secret = makeApiToken(random);
  const token = {
    id: newId('token'),
    userId: actor.user,
    name: input.name,
    tokenHash: tokenHashOf(secret),
    ...keepTokenFacts({ scopes, caps, payees }),
    networks: networks ? JSON.stringify(networks) : null,
    plan: input.plan ?? null,
    madeAs: scopes.includes('staff') ? (actor.role ?? null) : null,
    createdAt: timestamp(at),
    expiresAt,
  };
  await engine.transact(async (tx) => {
    await checkMayLogIn(tx, actor.user);
    if ((await tokensOf(tx, actor.user)).length >= LIMITS.tokens)
      throw new Refusal('token_limit', { limit: String(LIMITS.tokens) });
    if (!(await insertToken(tx, token))) throw new Refusal('token_exists', { name: input.name });
    const facts = { name: input.name, scopes: scopes.join(' '), expiresAt };
    await record(tx, deps, actor, { action: 'token-created', object: token.id, facts });
    await haveMailed(tx, deps, 'mail.token-created', { user: actor.user, name: input.name, expiresAt });
  });
  deps.log.info('token_created', { user: actor.user, tokenId: token.id });
  const { email, displayName, role = null, limits } = actor;
  const kept = { ...token, email, displayName, role, limits, lastUsedAt: null, lastNetwork: null };
  const [described] = await describeTokens(engine, [kept], timestamp(at));
  if (!described) throw new Error('what is described is the token that was given');
  return { secret, token: described };
};

/** Letters, digits and what stands between them, so that a name is seen as it is and is never taken for an id. */
function checkName(name: string): void {
  if (
    /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._-]*[\p{L}\p{M}\p{N}])?$/u.test(name) &&
    kindOfId(name) === undefined
  )
    return;
  throw new Refusal('input_invalid', {
    field: 'name',
    reason: 'takes letters and digits, with blanks, dots and hyphens between them',
  });
}

function checkStaff({ role, withFactor }: HolderActor): void {
  if (role === undefined) throw new Refusal('role_insufficient', { role: 'viewer' });
  if (!withFactor) throw new Refusal('second_factor_missing');
}

function expiryOf({ expiresAt }: Asked, at: number): string {
  if (expiresAt === undefined) return timestamp(at + USUAL_LIFE_MS);
  const ends = Date.parse(expiresAt);
  if (ends > at && ends <= at + LIMITS.tokenDays * DAY_MS) return timestamp(ends);
  const reason = `takes a time to come, at most ${LIMITS.tokenDays} days from now`;
  throw new Refusal('input_invalid', { field: 'expiresAt', reason });
}

function capsOf({ scopes, caps = [] }: Asked): Cap[] {
  if (caps.length > 0 && !scopes.includes('pay'))
    throw new Refusal('input_invalid', { field: 'caps', reason: 'takes the scope “pay” beside it' });
  const read = caps.map(({ per, most }) => {
    const { minor, currency } = parsePositiveAmount(most.amount, parseCurrency(most.currency));
    return { per, most: minor, currency };
  });
  const names = read.map(({ per, currency }) => `${per} ${currency}`);
  if (new Set(names).size === names.length) return read;
  throw new Refusal('input_invalid', { field: 'caps', reason: 'takes one of each kind for a currency' });
}

async function payeesOf(
  { payees }: Asked,
  find: (all: readonly string[]) => Promise<(to: string) => { id: string }>,
): Promise<string[] | undefined> {
  if (payees === undefined) return undefined;
  const found = await find(payees);
  return [...new Set(payees.map((to) => found(to).id))];
}
