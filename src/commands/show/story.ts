import { stripVTControlCharacters } from 'node:util';
import type { Output } from '../../core/contract/operations.ts';
import type { Block } from './blocks.ts';
import { isZero, showParty } from './payment.ts';
import type { Pen } from './pen.ts';
import { wrapWords } from './wrap-words.ts';

type Timeline = Output<'look-at-timeline'>;
type Event = Timeline['events'][number];

/** `  09:05  restriction  `: what stands before the words of an event. */
const INDENT = 22;
const KIND = 13;
/** How wide the lines of a terminal without end are taken for. */
const WIDEST = 120;
const LONGEST_WORDS = 4_000;

/** Events as a story to be read downwards: oldest first, under their days. `width` is that of the terminal. */
export function storyBlocks(events: readonly Event[], pen: Pen, width: number): Block[] {
  const blocks: Block[] = [];
  let today = '';
  for (const event of events.toReversed()) {
    const [day = '', minute = ''] = pen.shortTime(event.at).split(' ');
    if (day !== today) blocks.push('', pen.strong(`${day} ${weekdayOf(event.at)}`));
    today = day;
    blocks.push(...eventLines(event, minute, pen, Math.min(width, WIDEST)));
  }
  return blocks;
}

function eventLines(event: Event, minute: string, pen: Pen, width: number): string[] {
  const [head, ...details] = tell(event, pen);
  const [first = '', ...more] = details;
  const beside = first === '' ? head : `${head}  ${first}`;
  const fits = lengthOf(beside) <= width - INDENT;
  const lines = fits ? [beside, ...more] : [head, ...details];
  const kind = paintKind(event, pen)(event.kind.padEnd(KIND));
  return lines.map((line, at) => {
    const start = at === 0 ? `  ${pen.dim(minute)}  ${kind}` : ' '.repeat(INDENT);
    return `${start}${wrapWords(line, width, INDENT)}`;
  });
}

/** What happened in a few words, and then the details, which go on the same line where they fit. */
function tell(event: Event, pen: Pen): [head: string, ...details: string[]] {
  const { transfer, mail } = event;
  if (mail) return [`“${pen.text(mail.subject)}” to ${pen.text(mail.to, 254)}`];
  if (transfer) return tellTransfer(event, transfer, pen);
  const { by, words, reason, device, network, object, facts = {} } = event;
  const from = [device && `on ${pen.text(device)}`, network && `from ${pen.text(network)}`].filter(Boolean);
  const known = Object.entries(facts).filter(([name]) => name !== 'message');
  const more = [
    ...known.map(([name, value]) => `${pen.text(name)}: ${pen.text(value)}`),
    ...(object === undefined ? [] : [pen.text(object)]),
    ...(from.length === 0 ? [] : [from.join(', ')]),
  ].join('  ');
  return [
    `${pen.text(event.text)}${by ? `, by ${nameOf(by, pen)}` : ''}`,
    ...(more === '' ? [] : [pen.dim(more)]),
    ...(reason === undefined ? [] : [`${pen.dim('Why:')} ${pen.text(reason)}`]),
    ...(words === undefined ? [] : [`“${pen.text(words, LONGEST_WORDS)}”`]),
  ];
}

function tellTransfer(
  { by }: Event,
  {
    id,
    direction,
    from,
    to,
    paid,
    fee,
    received,
    note,
    reference,
    balanceAfter,
  }: NonNullable<Event['transfer']>,
  pen: Pen,
): [string, ...string[]] {
  const isIn = direction === 'in';
  const money = isIn ? pen.good(`+${pen.money(received)}`) : `-${pen.money(paid)}`;
  const charged = !isIn && !isZero(fee) ? `, fee ${pen.money(fee)}` : '';
  const whom = isIn ? `from ${showParty(from, pen)}` : `to ${showParty(to, pen)}`;
  const after = balanceAfter ? `, then ${pen.strong(pen.money(balanceAfter))}` : '';
  return [
    `${money} ${whom}${charged}${after}`,
    pen.dim(
      [id, reference]
        .filter((text) => text !== undefined)
        .map((text) => pen.text(text))
        .join('  '),
    ),
    ...(by ? [`by ${nameOf(by, pen)}`] : []),
    ...(note === undefined ? [] : [`“${pen.text(note)}”`]),
  ];
}

function nameOf({ id, name, role }: NonNullable<Event['by']>, pen: Pen): string {
  if (id === 'nobody') return 'somebody who was not logged in';
  return `${pen.text(name, 60)}${role === undefined ? '' : ` (${pen.text(role)})`}`;
}

function paintKind({ kind }: Event, pen: Pen): (text: string) => string {
  if (kind === 'restriction') return pen.bad;
  if (kind === 'staff' || kind === 'note') return pen.warn;
  return kind === 'transfer' ? pen.good : pen.dim;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function weekdayOf(time: string): string {
  return DAYS[new Date(time).getDay()] ?? '';
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
