import { timestamp } from '../../deps.ts';
import { describeTokens } from '../../identity/describe-tokens.ts';
import { tokensOf } from '../../store/tokens.ts';
import type { UseCase } from '../use-case.ts';

/** The holder's tokens, oldest first, those that have expired included: they stay until they are revoked. */
export const listTokens: UseCase<'list-tokens'> = async ({ engine, now }, actor) => ({
  tokens: await describeTokens(engine, await tokensOf(engine, actor.user), timestamp(now())),
});
