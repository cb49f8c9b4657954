import type { Command } from 'commander';
import type { Context } from './context.ts';

/** What a command does. It decides nothing: it calls the service and shows the answer. */
export type Run<Options> = (context: Context, options: Options) => Promise<void>;

/** A command as the program takes it: its flags, and what starts once they are read. */
export type Declared = { readonly command: Command; readonly start: (context: Context) => Promise<void> };

/**
 * Couples a command to what it runs. `run` gets the flags and the arguments in one object, by their names
 * (`--fee-from` and `<fee-from>` are `feeFrom`).
 */
export function declare<Options>(command: Command, run: Run<Options>): Declared {
  return { command, start: (context) => run(context, optionsOf(command) as Options) };
}

function optionsOf(command: Command): Record<string, unknown> {
  const values = command.processedArgs as unknown[];
  const given = command.registeredArguments.map(
    (argument, at) => [camelCase(argument.name()), values[at]] as const,
  );
  return {
    ...command.opts<Record<string, unknown>>(),
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  };
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
