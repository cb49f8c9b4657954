import { CommanderError } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import { sameFor, type GlobalFlags } from './context.ts';
import { AnswerNotWritten, type Io } from './io.ts';
import { makePen } from './show/pen.ts';
import { safeLines } from './show/safe-text.ts';

/** Whatever ended a command, as a refusal. `usageOf` is the command whose help explains what was typed. */
export function asRefusal(error: unknown, usageOf: string): Refusal {
  const next = usageOf === '' ? 'okpay --help' : `okpay help ${usageOf}`;
  if (error instanceof Refusal) {
    const helpful = error.code !== 'usage_invalid' || error.facts['next'] !== undefined;
    return helpful ? error : new Refusal('usage_invalid', { ...error.facts, next });
  }
  if (error instanceof CommanderError) return usageRefusal(error, usageOf, next);
  return new Refusal('unexpected');
}

/** Commander's sentence as one of ours; `usageOf` is the command whose help explains. */
function usageRefusal(error: CommanderError, usageOf: string, next: string): Refusal {
  if (error.code === 'commander.help')
    return new Refusal('usage_invalid', { reason: `“okpay ${usageOf}” needs one more word.`, next });
  const sentence = error.message
    .replace(/^error: /, '')
    .replace(/\n\((Did you mean .*\?)\)$/s, '. $1')
    .trim();
  const reason = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  return new Refusal('usage_invalid', { reason: /[.?!]$/.test(reason) ? reason : `${reason}.`, next });
}

/**
 * Says what happened, why, and what to type next, in lines on stderr; with --json all of it is the one document on
 * stdout. `stack` shows where an error came from, too.
 */
export async function report(
  refusal: Refusal,
  error: unknown,
  io: Io,
  flags: Pick<GlobalFlags, 'json' | 'profile' | 'url'>,
  stack: boolean,
): Promise<void> {
  if (stack && error instanceof Error) io.note(safeLines(error.stack ?? error.message));
  if (flags.json && !(error instanceof AnswerNotWritten))
    return io.write(`${JSON.stringify({ error: refusal.toProblem() }, undefined, 2)}\n`);
  const pen = await makePen(io.colour.stderr, Date.now);
  io.note(pen.bad(safeLines(sentenceOf(refusal, error))));
  if (refusal.code === 'unexpected' && !(stack || error instanceof AnswerNotWritten))
    io.note('OKPAY_DEBUG=1 shows where.');
  if (refusal.next !== undefined) io.note(`Next: ${pen.strong(safeLines(sameFor(refusal.next, flags)))}`);
}

function sentenceOf(refusal: Refusal, error: unknown): string {
  if (error instanceof AnswerNotWritten) return error.message;
  const inside = refusal.code === 'unexpected' && error instanceof Error && error !== refusal;
  return inside ? `Something went wrong inside okpay: ${error.message}` : refusal.message;
}
