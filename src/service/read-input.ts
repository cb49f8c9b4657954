import type * as z from 'zod/mini';
import { OPERATIONS, type OperationName } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';

type Issue = z.core.$ZodIssue;

/** Reads the input by the operation's schema; the first thing wrong is named by its path. Throws `input_invalid`. */
export function readInput(name: OperationName, input: unknown): unknown {
  const result = OPERATIONS[name].input.safeParse(input ?? {});
  if (result.success) return result.data;
  throw inputRefusal(result.error.issues);
}

/** The refusal `input_invalid` of input, or of a part of it, that has these faults. */
export function inputRefusal([issue]: readonly Issue[]): Refusal {
  if (issue === undefined) throw new Error('what is refused has a fault');
  return fieldRefusal(fieldOf(issue), reasonOf(issue));
}

/** How much of a name that the caller made up is repeated. */
const LONGEST_FIELD = 200;

/** The refusal `input_invalid` of a field whose name may be the caller's own: it is cut, and is text that can be kept. */
export function fieldRefusal(field: string, reason: string): Refusal {
  const name = field.length > LONGEST_FIELD ? `${field.slice(0, LONGEST_FIELD)}…` : field;
  return new Refusal('input_invalid', { field: name.toWellFormed().replaceAll('\0', '\ufffd'), reason });
}

/** Where there is a choice of forms, the one with the fewest faults is taken for the one that was meant. */
function meant(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const [first] = issue.errors.toSorted((one, other) => one.length - other.length)[0] ?? [];
  return first === undefined ? issue : meant({ ...first, path: [...issue.path, ...first.path] });
}

function fieldOf(issue: Issue): string {
  const { path, ...rest } = meant(issue);
  const all = rest.code === 'unrecognized_keys' ? rest.keys.map((key) => [...path, key]) : [path];
  return all.map((each) => each.join('.')).join(', ') || 'input';
}

function reasonOf(issue: Issue): string {
  const found = meant(issue);
  switch (found.code) {
    case 'unrecognized_keys':
      return 'is not a field of this call';
    case 'invalid_type':
      return `takes ${found.expected === 'object' || found.expected === 'array' || found.expected === 'int' ? 'an' : 'a'} ${found.expected}`;
    case 'too_small':
      return `takes at least ${found.minimum}${unitOf(found.origin)}`;
    case 'too_big':
      return `takes at most ${found.maximum}${unitOf(found.origin)}`;
    case 'invalid_value':
      return `takes one of ${found.values.join(', ')}`;
    case 'invalid_format':
      return found.format === 'datetime'
        ? 'takes a time in RFC 3339, such as 2026-01-31T12:05:00Z'
        : 'is not written right';
    default:
      return found.message;
  }
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' rows' : '';
}
