import { FIRST_LEVEL } from '../../limits/limit.ts';
import { showLevel } from '../../limits/show-limits.ts';
import { allLevels } from '../../store/levels.ts';
import type { UseCase } from '../use-case.ts';

/** Every level there is, with its limits: the first one too when none were set for it. */
export const listLimits: UseCase<'list-limits'> = async ({ engine }) => {
  const rows = await allLevels(engine);
  const levels = rows.map(showLevel);
  if (rows.some(({ name }) => name === FIRST_LEVEL)) return { levels };
  return { levels: [showLevel({ name: FIRST_LEVEL, limits: null }), ...levels] };
};
