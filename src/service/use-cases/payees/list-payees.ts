import { payeesOf } from '../../store/payees.ts';
import type { UseCase } from '../use-case.ts';

/** The holder's saved recipients, by name. */
export const listPayees: UseCase<'list-payees'> = async ({ engine }, actor) => {
  const rows = await payeesOf(engine, actor.user);
  return {
    payees: rows.map(({ id, name, recipient, displayName, email, createdAt }) => ({
      id,
      name,
      to: { id: recipient, name: displayName, email },
      createdAt,
    })),
  };
};
