import type { Output } from '../../core/contract/operations.ts';
import type { Block } from './blocks.ts';
import { showParty } from './payment.ts';
import type { Pen } from './pen.ts';
import { widthOf } from './width-of.ts';

export type Trace = Output<'trace-transfer'>;
type Branch = Trace['branches'][number];

/** How wide the lines of a terminal without end are taken for. */
const WIDEST = 140;

/** Where money came from and went to, as two trees below the transfer. `width` is that of the terminal. */
export function traceBlocks({ transfer, branches }: Trace, pen: Pen, width: number): Block[] {
  const side = (which: Branch['side'], title: string): Block[] => {
    const own = branches.filter(({ side: each }) => each === which);
    if (own.length === 0) return [];
    return ['', pen.strong(title), ...treeLines(own, 0, '', pen, Math.min(width, WIDEST))];
  };
  const { id, at, paid, received, from, to } = transfer;
  const amount =
    paid.amount === received.amount
      ? pen.money(paid)
      : `${pen.money(paid)}, of which ${pen.money(received)} arrived`;
  return [
    `${pen.strong(amount)} from ${showParty(from, pen)} to ${showParty(to, pen)}`,
    pen.dim(`${id}  ${pen.time(at)}`),
    ...side('from', 'It came from'),
    ...side('to', 'It went to'),
  ];
}

function treeLines(all: readonly Branch[], parent: number, bars: string, pen: Pen, width: number): string[] {
  const children = all.filter((branch) => branch.parent === parent);
  return children.flatMap((branch, at) => {
    const isLast = at === children.length - 1;
    const below = `${bars}${isLast ? '   ' : '│  '}`;
    const [head, detail] = tell(branch, pen);
    const line = `${bars}${isLast ? '└─ ' : '├─ '}${head}`;
    const beside = `${line}  ${detail}`;
    const lines =
      detail === ''
        ? [line]
        : widthOf(beside) <= width
          ? [beside]
          : [
              line,
              `${below}${all.some(({ parent: each }) => each === branch.number) ? '│  ' : '   '}${detail}`,
            ];
    return [...lines, ...treeLines(all, branch.number, below, pen, width)];
  });
}

function tell(
  { is, amount, fee, transfer, count = 0, side, end }: Branch,
  pen: Pen,
): [head: string, detail: string] {
  const money = pen.strong(pen.money(amount));
  if (is === 'kept') return [`${money} ${pen.good('is still there')}`, ''];
  if (is === 'others') return [`${money} by ${count} smaller ${count === 1 ? 'transfer' : 'transfers'}`, ''];
  if (is === 'unknown' || !transfer) return [`${money} ${pen.warn(UNKNOWN[side])}`, ''];
  const { id, at, from, to, paid } = transfer;
  const whole = side === 'to' ? paid : transfer.received;
  const part = whole.amount === amount.amount ? '' : ` of ${pen.money(whole)}`;
  // What the tree hangs on is known from the line above.
  const other = side === 'from' ? `from ${pen.text(from.name, 60)}` : `to ${pen.text(to.name, 60)}`;
  const cost = fee && end !== 'fee' ? `, ${pen.money(fee)} of it as fee` : '';
  const why = end === undefined || end === 'outside' ? '' : `, ${ENDS[end]}`;
  return [`${money}${part} ${other}${pen.dim(`${cost}${why}`)}`, pen.dim(`${pen.shortTime(at)}  ${id}`)];
}

const UNKNOWN = {
  from: 'came in before all that was looked at',
  to: 'left after all that was looked at',
} as const;
const ENDS = {
  fee: 'as its fee',
  depth: 'not followed further: --depth',
  limit: 'not followed further: there are too many',
} as const;
