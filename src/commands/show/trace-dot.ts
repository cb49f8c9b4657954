import type { WireMoney } from '../../core/money.ts';
import { safeText } from './safe-text.ts';
import { showShortTime } from './time.ts';
import type { Trace } from './trace.ts';

type Label = { readonly name: string; readonly holder?: string | undefined };

/** A trace for Graphviz: accounts are nodes, transfers are arrows; `dot -Tsvg` draws it. */
export function traceDot({ transfer, branches }: Trace): string {
  const nodes = new Map<string, string>();
  const node = ({ name, holder }: Label): string => {
    const key = quoted(holder ?? `outside ${name}`);
    const shape = holder === undefined ? ', shape=box, style=dashed' : '';
    nodes.set(key, `${key} [label=${quoted(safeText(name))}${shape}];`);
    return key;
  };
  const { id, at, from, to, received } = transfer;
  const labelled = (party: typeof from): Label => ({ name: party.name, holder: party.id });
  const edges = [
    `${node(labelled(from))} -> ${node(labelled(to))} [label=${labelOf(received, at, id)}, penwidth=3];`,
  ];
  const byNumber = new Map(branches.map((branch) => [branch.number, branch]));
  for (const { number, parent, side, is, amount, count, transfer: by } of branches) {
    if (by) {
      edges.push(`${node(by.from)} -> ${node(by.to)} [label=${labelOf(amount, by.at, by.id)}];`);
      continue;
    }
    const above = byNumber.get(parent)?.transfer;
    const beside = above ? (side === 'from' ? above.from : above.to) : labelled(side === 'from' ? from : to);
    const key = quoted(`${is} ${number}`);
    const text = is === 'kept' ? 'still there' : is === 'others' ? `${count} smaller` : 'not looked at';
    nodes.set(key, `${key} [label=${quoted(text)}, shape=plaintext];`);
    const [tail, head] = side === 'from' ? [key, node(beside)] : [node(beside), key];
    edges.push(`${tail} -> ${head} [label=${quoted(moneyOf(amount))}, style=dashed];`);
  }
  const lines = ['rankdir=LR;', ...nodes.values(), ...edges].map((line) => `  ${line}\n`);
  return `digraph trace {\n${lines.join('')}}\n`;
}

function labelOf(amount: WireMoney, at: string, id: string): string {
  return quoted([moneyOf(amount), showShortTime(at), safeText(id)].join('\n'));
}

function moneyOf({ amount, currency }: WireMoney): string {
  return `${safeText(amount)} ${safeText(currency)}`;
}

/** A text in the quotes of the DOT language; a line break in it is one of ours. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
