import { html } from 'hono/html';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Service } from '../app.ts';
import { registrationOfLink } from '../identity/verify-registration.ts';
import { layout } from './layout.ts';

export type Page = { readonly html: string; readonly status: number; readonly refusal?: Refusal };

const TOKEN = /^[\w-]{32}$/;

/**
 * The page behind the link in a mail: a button, and nothing happens until it is pressed. Mail programs and virus
 * scanners open links on their own, and that must not confirm anything. Throws `code_invalid` for what is no token.
 */
export async function verifyPage(tokens: readonly string[]): Promise<Page> {
  const [token = ''] = tokens;
  if (tokens.length !== 1 || !TOKEN.test(token)) throw new Refusal('code_invalid');
  const body = html`<p>
      Press the button to confirm that the e-mail address this link was sent to is yours, and to open your
      OKpay account with it.
    </p>
    <form method="post" action="/verify">
      <input type="hidden" name="token" value="${token}" />
      <button type="submit">Confirm my address</button>
    </form>
    <p>If you did not ask for an account, close this page. Nothing has happened.</p>`;
  return { html: await layout('Confirm your e-mail address', body), status: 200 };
}

/** Confirms the address: the button was pressed. Throws `code_invalid`. */
export async function confirm(
  service: Service,
  form: ReadonlyMap<string, string>,
  address: string | undefined,
): Promise<Page> {
  const token = form.get('token') ?? '';
  if (form.size !== 1 || !TOKEN.test(token)) throw new Refusal('code_invalid');
  const caller = { console: false, address };
  const registration = await registrationOfLink(service.deps, token, caller);
  // Through the same door as a typed code.
  const call = { operation: 'verify-email', input: { registration, code: token } } as const;
  await service.perform(call, caller);
  const body = html`<p>Your account is open. Go back to your terminal and log in:</p>
    <p><code>okpay login</code></p>`;
  return { html: await layout('Your address is confirmed', body), status: 200 };
}

/** What a refusal looks like on a page. `again` is the command that has another mail sent. */
export async function messagePage(refusal: Refusal, again = 'okpay resend'): Promise<Page> {
  const isCode = refusal.code === 'code_invalid';
  const title = isCode ? 'This link does not work any more' : 'That did not work';
  const text = isCode
    ? 'It was used already, a newer mail took its place, or its ten minutes are over.'
    : refusal.message;
  const next = isCode
    ? html`<p>Ask for a new mail in your terminal:</p>
        <p><code>${again}</code></p>`
    : html``;
  return {
    html: await layout(
      title,
      html`<p>${text}</p>
        ${next}`,
    ),
    status: refusal.status,
    refusal,
  };
}
