import { Option, type Command } from 'commander';
import type { Input } from '../core/contract/operations.ts';

type Asked = Input<'get-statement'>;
export type MonthOptions = { month?: string; currency?: string; format?: Asked['format'] };

/** Adds which month of an account, and how it is written. */
export function withMonth(command: Command): Command {
  return command
    .option('--month <month>', 'of the calendar of UTC, such as 2026-10; this one when not given')
    .option('--currency <code>', 'only the account in this currency, such as EUR')
    .addOption(
      new Option('--format <format>', 'how it is written; text when not given').choices([
        'text',
        'json',
        'camt053',
        'html',
      ]),
    );
}

/** Which month, as the service takes it. */
export function monthInput({ month, currency }: MonthOptions): Pick<Asked, 'month' | 'currency'> {
  return {
    ...(month === undefined ? {} : { month }),
    ...(currency === undefined ? {} : { currency }),
  };
}
