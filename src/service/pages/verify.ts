import { html } from 'hono/html';
import { registrationOfLink } from '../identity/verify-registration.ts';
import { layout } from './layout.ts';
import { buttonForm, type LinkPage } from './link-page.ts';

/** The page that confirms an address and opens the account. */
export const verifyPage: LinkPage = {
  fields: [],
  again: 'okpay resend',
  open: async (_service, token) => {
    const body = html`<p>
        Press the button to confirm that the e-mail address this link was sent to is yours, and to open your
        OKpay account with it.
      </p>
      ${buttonForm('/verify', token, 'Confirm my address')}
      <p>If you did not ask for an account, close this page. Nothing has happened.</p>`;
    return { html: await layout('Confirm your e-mail address', body), status: 200 };
  },
  submit: async (service, token, _form, address) => {
    const caller = { console: false, address };
    const registration = await registrationOfLink(service.deps, token, caller);
    const call = { operation: 'verify-email', input: { registration, code: token } } as const;
    await service.perform(call, caller);
    const body = html`<p>Your account is open. Go back to your terminal and log in:</p>
      <p><code>okpay login</code></p>`;
    return { html: await layout('Your address is confirmed', body), status: 200 };
  },
};
