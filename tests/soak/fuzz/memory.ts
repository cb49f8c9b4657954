import { ID_PREFIXES } from '../../../src/core/contract/ids.ts';
import type { Call } from './document.ts';
import type { Known } from './values.ts';

/** A text that was answered to somebody, or is for everybody. */
type Told = { readonly text: string; readonly to: string };

/** The texts that the service told, so that later requests can be about what is really there. */
export type Memory = {
  /** A text for everybody; `under` is the path of the operations it is for most of all. */
  readonly remember: (name: string, text: string, under?: string) => void;
  /** Everything that an answer tells to somebody. */
  readonly learn: (answer: unknown, call: Call, caller: string) => void;
  /** The text that is meant, for a call by somebody. */
  readonly find: (known: Known, call?: Call, caller?: string) => string;
  /** The code that was mailed for a registration. */
  readonly codeOf: (registration: string) => string | undefined;
  /** What a mail to an address says. */
  readonly learnCode: (email: string, code: string) => void;
};

/** How many texts are remembered of each name and path. */
const MEMORY = 300;
/** Names of fields under which a text of another name fits too. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  to: ['email', 'user', 'name'],
  with: ['email', 'user', 'name'],
  id: ['transfer', 'quote', 'instance', 'key'],
  cursor: ['nextCursor'],
  payee: ['payee', 'name'],
};

/** A memory of nothing yet. */
export function makeMemory(): Memory {
  /** By the name of its field, and by the path of the operation that told it. */
  const told = new Map<string, Map<string, Told[]>>();
  const registrations = new Map<string, string>();
  const codes = new Map<string, string>();

  const keep = (name: string, under: string, one: Told) => {
    const places = told.get(name) ?? new Map<string, Told[]>();
    const all = places.get(under) ?? [];
    told.set(name, places.set(under, all));
    all.push(one);
    if (all.length > MEMORY) all.shift();
  };
  const visit = (value: unknown, under: string, to: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const { registration, email } = value as { registration?: string; email?: string };
    if (registration !== undefined && email !== undefined) registrations.set(email, registration);
    for (const [name, inner] of Object.entries(value)) {
      // Facts repeat what was asked for, also when there is no such thing.
      if (name === 'facts') continue;
      if (typeof inner !== 'string') visit(inner, under, to);
      else if (name === 'id') keep(nounOf(inner), under, { text: inner, to });
      // What a thing refers to is older than itself: a quote that was used, a transfer that was assigned.
      else if (!('id' in value) || name !== nounOf(inner)) keep(name, under, { text: inner, to });
    }
  };
  const registered = '/v1/registrations';
  return {
    remember: (name, text, under = '') => keep(name, under, { text, to: '' }),
    learn: (answer, call, caller) => visit(answer, placeOf(call), caller),
    find: (known, call, caller) => {
      const of = (names: readonly string[], under?: string) =>
        names
          .flatMap((name) => [...(told.get(name) ?? [])])
          .flatMap(([place, all]) => (under === undefined || place === under ? all : []))
          .filter(({ to }) => !known.mine || to === '' || to === caller);
      const also = ALSO[known.name] ?? [];
      // Things of this place, such as what waits in suspense, come before the many others of their name.
      const lists = known.mine
        ? [of([known.name], call && placeOf(call)), of([known.name]), of(also)]
        : [of([known.name, ...also])];
      const found = lists.find((list) => list.length > 0) ?? [];
      return found[Math.floor((1 - known.pick ** 2) * (found.length - 1))]?.text ?? known.otherwise;
    },
    codeOf: (registration) => codes.get(registration),
    learnCode: (email, code) => {
      const registration = registrations.get(email);
      if (registration === undefined) return;
      codes.set(registration, code);
      // Told again, it is the newest, and picked most.
      keep('registration', registered, { text: registration, to: '' });
    },
  };
}

/** What an id is an id of. */
function nounOf(id: string): string {
  const nouns = Object.entries(ID_PREFIXES) as [string, string][];
  return nouns.find(([, prefix]) => id.startsWith(`${prefix}_`))?.[0] ?? '';
}

/** Where an operation's things are: `/v1/quotes` of `/v1/quotes/{quote}`. */
function placeOf({ path }: Call): string {
  return path.split('/{')[0] ?? path;
}
