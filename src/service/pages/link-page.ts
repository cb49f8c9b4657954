import { html } from 'hono/html';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Service } from '../app.ts';
import { layout } from './layout.ts';

/** One that says no has its refusal. */
export type Page = { readonly html: string; readonly status: number; readonly refusal?: Refusal };

/** A page behind the link of a mail, and what the form on it does. */
export type LinkPage = {
  /**
   * What the link opens. Nothing happens until the form is sent: mail programs and virus scanners open links on their own,
   * and that must not confirm or spend anything.
   */
  readonly open: (service: Service, token: string, address: string | undefined) => Promise<Page>;
  /** Does what the form is for, by the same operation as a typed code. Throws `code_invalid`, `too_many_attempts`. */
  readonly submit: (
    service: Service,
    token: string,
    form: ReadonlyMap<string, string>,
    address: string | undefined,
  ) => Promise<Page>;
  /** The fields of the form beside the token. */
  readonly fields: readonly string[];
  /** How large the form may be, in bytes; as all forms unless given. */
  readonly formBytes?: number;
  /** The command that has another mail sent. */
  readonly again: string;
};

const TOKEN = /^[\w-]{32}$/;

/** The one token of a link. Throws `code_invalid` for what is no token. */
export function tokenOfLink(tokens: readonly string[]): string {
  const [token = ''] = tokens;
  if (tokens.length !== 1 || !TOKEN.test(token)) throw new Refusal('code_invalid');
  return token;
}

/** The token of a form, which has its fields and no others. Throws `code_invalid`. */
export function tokenOfForm({ fields }: LinkPage, form: ReadonlyMap<string, string>): string {
  const token = form.get('token') ?? '';
  const isOurs = [...form.keys()].every((field) => field === 'token' || fields.includes(field));
  if (!isOurs || !TOKEN.test(token)) throw new Refusal('code_invalid');
  return token;
}

/** A form that is nothing but a button. */
export function buttonForm(action: string, token: string, label: string): ReturnType<typeof html> {
  return html`<form method="post" action="${action}">
    <input type="hidden" name="token" value="${token}" />
    <button type="submit">${label}</button>
  </form>`;
}

/** What a refusal looks like on a page. */
export async function refusedPage({ again }: LinkPage, refusal: Refusal): Promise<Page> {
  const isCode = refusal.code === 'code_invalid';
  const title = isCode ? 'This link does not work any more' : 'That did not work';
  const text = isCode
    ? 'It was used already, a newer mail took its place, or its ten minutes are over.'
    : refusal.message;
  const next = isCode
    ? html`<p>Ask for a new mail in your terminal:</p>
        <p><code>${again}</code></p>`
    : html``;
  const body = html`<p>${text}</p>
    ${next}`;
  return { html: await layout(title, body), status: refusal.status, refusal };
}
