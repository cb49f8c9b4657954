import type { Output } from '../../core/contract/operations.ts';
import type { Block } from './blocks.ts';
import { isZero, showParty } from './payment.ts';
import type { Pen } from './pen.ts';
import { wrapWords } from './wrap-words.ts';
import { widthOf } from './width-of.ts';

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

/** What is told of an event: pieces that share lines where they fit, and then what has lines of its own. */
type Told = { readonly pieces: readonly string[]; readonly lines: readonly string[] };

function eventLines(event: Event, minute: string, pen: Pen, width: number): string[] {
  const { pieces, lines } = tell(event, pen);
  const shared = pieces.reduce<string[]>((all, piece) => {
    const beside = `${all.at(-1)}  ${piece}`;
    const fits = all.length > 0 && widthOf(beside) <= width - INDENT;
    return fits ? [...all.slice(0, -1), beside] : [...all, piece];
  }, []);
  const kind = paintKind(event, pen)(event.kind.padEnd(KIND));
  return [...shared, ...lines].map((line, at) => {
    const start = at === 0 ? `  ${pen.dim(minute)}  ${kind}` : ' '.repeat(INDENT);
    return `${start}${wrapWords(line, width, INDENT)}`;
  });
}

function tell(event: Event, pen: Pen): Told {
  const { transfer, mail } = event;
  if (mail) return { pieces: [`“${pen.text(mail.subject)}”`, `to ${pen.text(mail.to, 254)}`], lines: [] };
  if (transfer) return tellTransfer(event, transfer, pen);
  const { by, words, reason, device, network, object, facts = {} } = event;
  const from = [
    ...(device === undefined ? [] : [`on ${pen.text(device)}`]),
    ...(network === undefined ? [] : [`from ${pen.text(network)}`]),
  ].join(', ');
  const known = Object.entries(facts).filter(([name]) => name !== 'message');
  return {
    pieces: [
      pen.text(event.text),
      ...(by ? [`by ${nameOf(by, pen)}`] : []),
      ...known.map(([name, value]) => pen.dim(`${pen.text(name)}: ${pen.text(value)}`)),
      ...(object === undefined ? [] : [pen.dim(pen.text(object))]),
      ...(from === '' ? [] : [pen.dim(from)]),
    ],
    lines: [
      ...(reason === undefined ? [] : [`${pen.dim('Why:')} ${pen.text(reason)}`]),
      ...(words === undefined ? [] : quote(words, pen)),
    ],
  };
}

function tellTransfer({ by }: Event, transfer: NonNullable<Event['transfer']>, pen: Pen): Told {
  const { id, direction, from, to, paid, fee, received, note, reference, balanceAfter } = transfer;
  const isIn = direction === 'in';
  const money = isIn ? pen.good(`+${pen.money(received)}`) : `-${pen.money(paid)}`;
  return {
    pieces: [
      `${money} ${isIn ? `from ${showParty(from, pen)}` : `to ${showParty(to, pen)}`}`,
      ...(isIn || isZero(fee) ? [] : [`fee ${pen.money(fee)}`]),
      ...(balanceAfter ? [`balance ${pen.strong(pen.money(balanceAfter))}`] : []),
      ...(by ? [`by ${nameOf(by, pen)}`] : []),
      pen.dim(pen.text(id)),
      ...(reference === undefined ? [] : [pen.dim(pen.text(reference))]),
    ],
    lines: note === undefined ? [] : quote(note, pen),
  };
}

/** Somebody's words, line by line, behind a bar. */
function quote(words: string, pen: Pen): string[] {
  return words.split(/\r\n|[\n\r]/).map((line) => `${pen.dim('│')} ${pen.text(line, LONGEST_WORDS)}`);
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
