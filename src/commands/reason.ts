import type { Command } from 'commander';
import type { Context } from './context.ts';

export type ReasonOptions = { reason?: string };

/** Adds the flag for why staff do what they do. */
export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the record; the case will do: cas_…');
}

/** Why: from the flag, or else asked. Throws `usage_invalid` naming the flag where nobody is. */
export async function readReason({ io }: Context, { reason }: ReasonOptions): Promise<string> {
  return reason ?? (await io.ask({ message: 'Why? It is recorded', flag: '--reason' }));
}

/** Why somebody works on a case: for the case itself, unless they say more. */
export function workOn({ case: id, reason }: ReasonOptions & { readonly case: string }): string {
  return reason ?? `Work on the case ${id}`;
}
