import { describeUser } from '../../identity/describe.ts';
import { verifyByCode } from '../../identity/verify-registration.ts';
import type { UseCase } from '../use-case.ts';

/** Makes an account of a registration by the code from its newest mail. */
export const verifyEmail: UseCase<'verify-email'> = async (deps, actor, { registration, code }) =>
  describeUser(await verifyByCode(deps, actor, registration, code));
