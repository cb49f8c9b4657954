import type { Output } from '../../core/contract/operations.ts';
import { facts, table, type Block, type Table } from './blocks.ts';
import type { Pen } from './pen.ts';

/** Cases as staff work through them. */
export function staffCasesTable(cases: Output<'list-staff-cases'>['cases'], pen: Pen): Table {
  return table(
    ['Case', 'Opened', 'State', 'With', 'About'],
    cases.map(({ id, openedAt, state, assignedTo, title }) => [
      id,
      pen.shortTime(openedAt),
      state === 'open' ? pen.good(state) : pen.dim(state),
      assignedTo ? pen.text(assignedTo.name, 40) : pen.warn('nobody'),
      pen.text(title, 100),
    ]),
    'No case waits.',
  );
}

/** What staff are told when a message is on its way. */
export function staffReplyBlocks({ message, proof }: Output<'reply-as-staff'>, pen: Pen): Block[] {
  return [
    facts(['Message', message], ['Proof code', pen.strong(proof)]),
    'The code is in the mail too. On the telephone, tell it to the holder, who can check it: okpay support verify.',
  ];
}
