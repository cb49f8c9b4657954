import type { Command } from 'commander';
import type { Context } from './context.ts';

export type ReasonOptions = { reason?: string };

/** Adds the flag that says why staff do something to an account. */
export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why; it is kept, and the holder does not see it');
}

/** Why staff do this: asked for where somebody is there to ask. Throws `usage_invalid` naming the flag. */
export async function readReason({ io }: Context, { reason }: ReasonOptions): Promise<string> {
  return reason ?? io.ask({ message: 'Reason', flag: '--reason' });
}
