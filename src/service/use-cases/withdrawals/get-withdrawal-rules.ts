import { showRules } from '../../withdrawals/rules.ts';
import type { UseCase } from '../use-case.ts';

/** By what rules people withdraw. */
export const getWithdrawalRules: UseCase<'get-withdrawal-rules'> = (deps) => showRules(deps);
