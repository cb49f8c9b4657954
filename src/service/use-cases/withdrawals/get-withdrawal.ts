import { withdrawalOfHolder } from '../../withdrawals/of-holder.ts';
import type { UseCase } from '../use-case.ts';

/** How a withdrawal of the holder's stands. Throws `not_found`, the same for someone else's. */
export const getWithdrawal: UseCase<'get-withdrawal'> = ({ engine }, actor, { withdrawal }) =>
  withdrawalOfHolder(engine, actor.user, withdrawal);
