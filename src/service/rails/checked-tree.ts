import { MAX_TOKEN_CHARACTERS, type Place, type StartTag } from './safe-xml.ts';
import { quote, StatementError } from './statement-error.ts';
import type { Model, ModelItem } from './message-model.ts';
import { isCurrencyCode } from './text-rules.ts';

/** One element that has been read and held against its model, with the children that were kept. */
export type Node = {
  readonly name: string;
  readonly line: number;
  readonly column: number | undefined;
  /** The Ccy attribute of an amount. */
  readonly currency: string | undefined;
  text: string;
  readonly children: Node[];
};

type Frame = { readonly node: Node; readonly model: Model; at: number; count: number };

/** Elements kept inside one element: the schema sets no bound to remittance lines and the like, memory does. */
const MAX_CHILDREN = 10_000;
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/**
 * Holds the elements of one document against its model while they come by, and keeps them as small trees. `onClose` is told
 * every finished element with the names above it, and says whether it is to be kept as a child of the one above: what a
 * hundred thousand entries have in common is dropped one by one. Throws StatementError at the first thing that is out of
 * place, missing or badly written.
 */
export class CheckedTree {
  readonly #frames: Frame[] = [];
  readonly #root: ModelItem;
  readonly #namespace: string;
  readonly #message: string;
  readonly #onClose: (node: Node, above: Node | undefined) => boolean;
  #skipped = 0;

  constructor(
    document: { readonly model: Model; readonly namespace: string; readonly message: string },
    onClose: (node: Node, above: Node | undefined) => boolean,
  ) {
    this.#root = { name: 'Document', atLeast: 1, atMost: 1, model: document.model };
    this.#namespace = document.namespace;
    this.#message = document.message;
    this.#onClose = onClose;
  }

  open(tag: StartTag): void {
    if (this.#skipped > 0) {
      this.#skipped += 1;
      return;
    }
    const frame = this.#frames.at(-1);
    const item = frame ? this.#place(frame, tag) : this.#root;
    if (item.model === undefined) {
      this.#skipped = 1;
      return;
    }
    this.#frames.push({
      node: {
        name: tag.name,
        line: tag.place.line,
        column: tag.place.column,
        currency: currencyOf(tag, item.model),
        text: '',
        children: [],
      },
      model: item.model,
      at: 0,
      count: 0,
    });
  }

  text(text: string): void {
    if (this.#skipped > 0) return;
    const frame = this.#frames.at(-1);
    if (!frame) return;
    if (frame.model.rules.length > 0) {
      frame.node.text += text;
      if (frame.node.text.length > MAX_TOKEN_CHARACTERS) {
        throw refusal(`${frame.node.name} is longer than ${MAX_TOKEN_CHARACTERS} characters.`, frame.node);
      }
    } else if (/[^ \t\r\n]/.test(text)) {
      throw refusal(`${frame.node.name} holds text where ${this.#message} has only elements.`, frame.node);
    }
  }

  close(): void {
    if (this.#skipped > 0) {
      this.#skipped -= 1;
      return;
    }
    const frame = this.#frames.pop();
    if (!frame) return;
    const { node } = frame;
    this.#finish(frame);
    const above = this.#frames.at(-1)?.node;
    if (!this.#onClose(node, above) || !above) return;
    if (above.children.length >= MAX_CHILDREN) {
      throw refusal(`${above.name} holds more than ${MAX_CHILDREN} elements.`, node);
    }
    above.children.push(node);
  }

  /** Finds the place of a start tag among what may come next, and moves on to it. */
  #place(frame: Frame, tag: StartTag): ModelItem {
    const { items, isChoice } = frame.model;
    if (tag.namespace === this.#namespace) {
      if (isChoice) {
        const item = frame.count === 0 ? items.find(({ name }) => name === tag.name) : undefined;
        frame.count += 1;
        if (item) return item;
      } else {
        for (let at = frame.at; at < items.length; at += 1) {
          const item = items[at] as ModelItem;
          const count = at === frame.at ? frame.count : 0;
          if (item.name === tag.name && count < item.atMost) {
            frame.at = at;
            frame.count = count + 1;
            return item;
          }
          if (count < item.atLeast) break;
        }
      }
    }
    const name = tag.name.length > 40 ? quote(tag.name) : tag.name;
    const foreign = tag.namespace === this.#namespace ? '' : ` of the namespace ${quote(tag.namespace)}`;
    const expected = isChoice && frame.count > 1 ? [] : expectedNext(frame);
    throw refusal(
      `${name}${foreign} is not allowed at this place in ${frame.node.name}: ${this.#message} expects ` +
        `${expected.length === 0 ? 'nothing more' : oneOf(expected)}.`,
      tag.place,
    );
  }

  /** Nothing required may be missing, and text must be what its type allows. */
  #finish(frame: Frame): void {
    const { node, model } = frame;
    if (model.rules.length > 0 && (frame.count === 0 || /[^ \t\r\n]/.test(node.text))) {
      const problems = model.rules.map((rule) => rule(node.text));
      if (!problems.includes(undefined)) {
        throw refusal(`${node.name} ${problems[0] ?? ''}: ${quote(node.text)}.`, node);
      }
      return;
    }
    const missing = model.isChoice
      ? frame.count === 0
        ? model.items.map(({ name }) => name)
        : []
      : model.items
          .filter((item, at) => at >= frame.at && (at === frame.at ? frame.count : 0) < item.atLeast)
          .slice(0, 1)
          .map(({ name }) => name);
    if (missing.length > 0) {
      throw refusal(`${node.name} is not complete: ${this.#message} expects ${oneOf(missing)} in it.`, node);
    }
  }
}

/** The names that may come next: up to and with the first that must come. */
function expectedNext(frame: Frame): string[] {
  const { items, isChoice } = frame.model;
  if (isChoice) return items.map(({ name }) => name);
  const names: string[] = [];
  for (let at = frame.at; at < items.length; at += 1) {
    const item = items[at] as ModelItem;
    const count = at === frame.at ? frame.count : 0;
    if (count < item.atMost) names.push(item.name);
    if (count < item.atLeast) break;
  }
  return names;
}

function currencyOf(tag: StartTag, model: Model): string | undefined {
  let currency: string | undefined;
  for (const attribute of tag.attributes) {
    if (attribute.namespace === XSI) continue;
    if (!model.hasCurrency || attribute.name !== 'Ccy' || attribute.namespace !== '') {
      throw refusal(
        `${tag.name} has the attribute ${quote(attribute.name)}, which it must not have.`,
        tag.place,
      );
    }
    currency = attribute.value;
    if (!isCurrencyCode(currency)) {
      throw refusal(`${tag.name} is in ${quote(currency)}, which is not a currency code.`, tag.place);
    }
  }
  if (model.hasCurrency && currency === undefined) {
    throw refusal(`${tag.name} names no currency.`, tag.place);
  }
  return currency;
}

function oneOf(names: readonly string[]): string {
  if (names.length > 8) return `${names.slice(0, 7).join(', ')} or one of ${names.length - 7} more`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

function refusal(reason: string, place: Place): StatementError {
  return new StatementError(reason, place.line, place.column);
}
