import { html } from 'hono/html';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Service } from '../app.ts';
import { mailedCodeOfLink } from '../identity/mailed-codes.ts';
import { layout } from './layout.ts';
import type { Page } from './verify.ts';

const TOKEN = /^[\w-]{32}$/;

/** The page behind the link of a mail that unlocks: a button, as in verify.ts. Throws `code_invalid` for what is no token. */
export async function unlockPage(tokens: readonly string[]): Promise<Page> {
  const [token = ''] = tokens;
  if (tokens.length !== 1 || !TOKEN.test(token)) throw new Refusal('code_invalid');
  const body = html`<p>
      Somebody tried to log in to your OKpay account too often with a wrong password, so logins have to wait.
      Press the button, and you can log in at once.
    </p>
    <form method="post" action="/unlock">
      <input type="hidden" name="token" value="${token}" />
      <button type="submit">Unlock my account</button>
    </form>
    <p>Nobody is logged in by it, and your password stays as it is.</p>`;
  return { html: await layout('Unlock your account', body), status: 200 };
}

/** Unlocks: the button was pressed. Throws `code_invalid`. */
export async function unlock(
  service: Service,
  form: ReadonlyMap<string, string>,
  address: string | undefined,
): Promise<Page> {
  const token = form.get('token') ?? '';
  if (form.size !== 1 || !TOKEN.test(token)) throw new Refusal('code_invalid');
  const caller = { console: false, address };
  const id = await mailedCodeOfLink(service.deps, 'unlock', token, caller);
  const call = { operation: 'confirm-unlock', input: { unlock: id, code: token } } as const;
  await service.perform(call, caller);
  const body = html`<p>Your account is unlocked. Go back to your terminal and log in:</p>
    <p><code>okpay login</code></p>`;
  return { html: await layout('Your account is unlocked', body), status: 200 };
}
