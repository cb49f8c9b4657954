import { html } from 'hono/html';
import { readLink } from '../identity/mailed-codes.ts';
import { layout } from './layout.ts';
import { buttonForm, type LinkPage } from './link-page.ts';

/** The page that lets the owner of an account in at once. */
export const unlockPage: LinkPage = {
  fields: [],
  again: 'okpay unlock',
  open: async (_service, token) => {
    const body = html`<p>
        Somebody tried to log in to your OKpay account too often with a wrong password, so logins have to
        wait. Press the button, and you can log in at once.
      </p>
      ${buttonForm('/unlock', token, 'Unlock my account')}
      <p>Nobody is logged in by it, and your password stays as it is.</p>`;
    return { html: await layout('Unlock your account', body), status: 200 };
  },
  submit: async (service, token, _form, address) => {
    const caller = { console: false, address };
    const { id } = await readLink(service.deps, 'unlock', token, caller);
    const call = { operation: 'confirm-unlock', input: { unlock: id, code: token } } as const;
    await service.perform(call, caller);
    const body = html`<p>Your account is unlocked. Go back to your terminal and log in:</p>
      <p><code>okpay login</code></p>`;
    return { html: await layout('Your account is unlocked', body), status: 200 };
  },
};
