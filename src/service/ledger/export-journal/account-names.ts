import { kindOfId } from '../../../core/contract/ids.ts';

/** An account as far as its name in a journal goes. */
export type NamedAccount = {
  readonly name: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly currency: string;
};

/**
 * What an account of the ledger is called in a journal, one to one: `Liabilities:Holders:Usr-01m…:EUR`,
 * `Income:Fees:EUR`, `Assets:Bank:DE02…:EUR`, `Liabilities:Suspense:EUR`, `Equity:Adjustments:EUR`,
 * `Equity:Fx:EUR`. The currency is a name of its own, so that each account has one commodity and each balance can be
 * compared. The words are what beancount takes: letters, digits and hyphens, with a capital or a digit first.
 */
export function journalName({ name, kind, owner, currency }: NamedAccount): string {
  switch (kind) {
    case 'holder':
      return `Liabilities:Holders:${ownerWord(owner ?? '')}:${word(currency)}`;
    case 'fees':
      return `Income:Fees:${word(currency)}`;
    case 'clearing':
      return `Assets:Bank:${word(middleOf(name, currency))}:${word(currency)}`;
    case 'suspense':
      return `Liabilities:Suspense:${word(currency)}`;
    case 'adjustments':
      return `Equity:Adjustments:${word(currency)}`;
    case 'fx':
      return `Equity:Fx:${word(currency)}`;
    default:
      return `Equity:Other:${word(name)}`;
  }
}

/** `usr_01m…` becomes `Usr-01m…`: only ids of ours get this short form. */
function ownerWord(owner: string): string {
  if (kindOfId(owner) === undefined) return word(owner);
  return owner.charAt(0).toUpperCase() + owner.slice(1).replace('_', '-');
}

/**
 * Any text as one word of an account name. No two texts become the same word: every character but ASCII letters and
 * digits is its code point between two hyphens, and a word that would begin with something else begins with `X--`.
 */
function word(text: string): string {
  const spelled = text.replace(/[^A-Za-z0-9]/gu, (character) => {
    return `-${(character.codePointAt(0) ?? 0).toString(16)}-`;
  });
  return /^[A-Z0-9]/.test(spelled) ? spelled : `X--${spelled}`;
}

/** The bank's number in `clearing:DE02…:EUR`. */
function middleOf(name: string, currency: string): string {
  const [start, end] = ['clearing:', `:${currency}`];
  return name.startsWith(start) && name.endsWith(end) ? name.slice(start.length, -end.length) : name;
}
