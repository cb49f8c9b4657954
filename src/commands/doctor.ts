import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Check } from '../core/maintenance.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { AnsweredNo } from './io.ts';
import { table } from './show/blocks.ts';
import type { Pen } from './show/pen.ts';

export type Options = Record<string, never>;

/** `okpay doctor`: what is well and what is not, one line each; ends with 1 when there is a problem. */
export function doctorCommand(run: Run<Options> = doctor) {
  return declare(new Command(), run);
}

async function doctor(context: Context): Promise<void> {
  const { url, now } = context;
  const { checkHere } = await import('../core/checks/here.ts');
  const here = await checkHere(context);
  const there = url === undefined ? await examineDatabase(context) : await examineServer(url, now);
  const checks = [...here, ...there];
  const [problems, warnings] = [countOf('problem', checks), countOf('warning', checks)];
  await context.show.answer({ healthy: problems === 0, problems, warnings, checks }, (pen) => [
    table(
      ['', 'Check', 'Found'],
      checks.map(({ name, state, found, todo }) => [
        paint(state, pen),
        name,
        pen.text(todo === undefined ? found : `${found} To do: ${todo}`, 1_000),
      ]),
      '',
    ),
    problems + warnings === 0
      ? pen.good('Nothing is wrong.')
      : `Problems: ${problems}, warnings: ${warnings}.`,
  ]);
  if (problems > 0) throw new AnsweredNo(new Refusal('checks_failed', { count: String(problems) }));
}

async function examineDatabase(context: Context): Promise<Check[]> {
  return (await context.maintenance()).examine();
}

async function examineServer(url: string, now: () => number): Promise<Check[]> {
  const { checkServer } = await import('../core/checks/server.ts');
  return checkServer(url, now);
}

function countOf(state: Check['state'], checks: readonly Check[]): number {
  return checks.filter((check) => check.state === state).length;
}

function paint(state: Check['state'], pen: Pen): string {
  return { ok: pen.good, warning: pen.warn, problem: pen.bad }[state](state);
}
