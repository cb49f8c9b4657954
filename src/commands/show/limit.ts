import type { Output } from '../../core/contract/operations.ts';
import { table, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

type Level = Output<'set-limit'>;

const WORDS: Readonly<Record<Level['limits'][number]['direction'], string>> = {
  in: 'receive',
  out: 'send',
  convert: 'convert',
  withdraw: 'withdraw',
};

/** What is limited, as a verb. */
export function directionWords(direction: Level['limits'][number]['direction']): string {
  return WORDS[direction];
}

/** Levels with their limits, one a line. */
export function levelTable(levels: readonly Level[], pen: Pen): Block {
  return table(
    ['Level', 'May', 'In one', { title: 'At most', align: 'right' }],
    levels.flatMap(({ level, limits }) =>
      limits.length === 0
        ? [[pen.text(level), 'anything', '', 'no limit']]
        : limits.map(({ direction, per, most }) => [
            pen.text(level),
            directionWords(direction),
            per,
            pen.money(most),
          ]),
    ),
    'There is no level.',
  );
}
