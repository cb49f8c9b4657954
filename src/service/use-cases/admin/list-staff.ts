import { describeUser } from '../../identity/describe.ts';
import { staffMembers } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/** Who works here. Each is a person with an account: there is no other way to have a role. */
export const listStaff: UseCase<'list-staff'> = async ({ engine }) => ({
  staff: (await staffMembers(engine)).map(describeUser),
});
