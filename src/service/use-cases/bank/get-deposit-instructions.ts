import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency } from '../../../core/money.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/** The reference that makes a bank transfer the holder's: an ISO 11649 creditor reference, so slips are noticed. */
export const getDepositInstructions: UseCase<'get-deposit-instructions'> = async (
  { engine },
  actor,
  input,
) => {
  if (input.currency !== undefined) parseCurrency(input.currency);
  const user = await userById(engine, actor.user);
  if (!user) throw new Refusal('session_expired');
  return {
    reference: user.depositReference,
    text: 'Write this reference in the remittance text of the bank transfer. The currency you send is the currency you get.',
  };
};
