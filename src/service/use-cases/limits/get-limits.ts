import { timestamp } from '../../deps.ts';
import { limitsOfHolder } from '../../limits/left.ts';
import type { UseCase } from '../use-case.ts';

/** The limits of the holder's level, with what is used and left of them in this day and month. */
export const getLimits: UseCase<'get-limits'> = ({ engine, now }, actor) =>
  limitsOfHolder(engine, actor.user, timestamp(now()));
