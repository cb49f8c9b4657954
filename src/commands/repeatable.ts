import type { Option } from 'commander';

/** Lets a flag be given more than once: its values come as a list, each checked as one alone would be. */
export function repeatable(option: Option): Option {
  const check = option.parseArg;
  return option.argParser<unknown[]>((value, before) => [
    ...(before ?? []),
    check ? check(value, undefined) : value,
  ]);
}
