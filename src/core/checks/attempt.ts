import { Refusal } from '../contract/refusals.ts';
import type { Check } from '../maintenance.ts';

/** What a check found. */
export type Finding = Omit<Check, 'name'>;

/**
 * Runs one check under its name. Whatever it throws becomes a problem: a refusal with its sentence and the next command,
 * anything else with its code only, as its message may have an address or a password in it.
 */
export async function attempt(
  name: string,
  look: () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>,
): Promise<Check[]> {
  try {
    return [await look()].flat().map((found) => ({ name, ...found }));
  } catch (error) {
    return [{ name, ...problemOf(error) }];
  }
}

function problemOf(error: unknown): Finding {
  if (error instanceof Refusal) return problem(error.message.split('\n')[0] ?? '', error.next);
  const { code, name } = error as NodeJS.ErrnoException;
  return problem(`This could not be looked at (${code ?? name}).`, 'OKPAY_DEBUG=1 okpay doctor');
}

/** All is well. */
/** All is well: `found` says with what. */
export function ok(found: string): Finding {
  return { state: 'ok', found };
}

/** It works, and something had better be done. */
/** It works, and somebody should look at it. */
export function warning(found: string, todo?: string): Finding {
  return { state: 'warning', found, ...(todo === undefined ? {} : { todo }) };
}

/** It does not work. */
/** It does not work, or is not safe. */
export function problem(found: string, todo?: string): Finding {
  return { state: 'problem', found, ...(todo === undefined ? {} : { todo }) };
}
