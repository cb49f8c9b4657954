import { html } from 'hono/html';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Output } from '../../core/contract/operations.ts';
import type { Service } from '../app.ts';
import { readLink } from '../identity/mailed-codes.ts';
import { checkPasswordBytes, leastLength } from '../identity/password-rules.ts';
import { onOneLine } from '../jobs/mail.ts';
import { hasSecondFactor } from '../store/second-factors.ts';
import { userById } from '../store/users.ts';
import { layout } from './layout.ts';
import type { LinkPage, Page } from './link-page.ts';

/** What is wrong with what was typed, said at the field it is about. */
type Fault = { readonly field: 'password' | 'again'; readonly text: string };

/** The page that sets a new password. What is wrong with the form is said on it again, and the link stays good. */
export const resetPage: LinkPage = {
  fields: ['password', 'again'],
  // With two passwords of the longest, each byte of them written as three characters.
  formBytes: 8_192,
  again: 'okpay password forgot',
  open: (service, token, address) => formPage(service, token, address),
  submit: async (service, token, form, address) => {
    const { password = '', again = '' } = Object.fromEntries(form);
    if (password === '')
      return formPage(service, token, address, { field: 'password', text: 'Type a new password.' });
    if (again !== password)
      return formPage(service, token, address, {
        field: 'again',
        text: 'The two passwords are not the same.',
      });
    const caller = { console: false, address };
    try {
      checkPasswordBytes(password);
      const { id } = await readLink(service.deps, 'reset-password', token, caller);
      const call = { operation: 'reset-password', input: { reset: id, code: token, password } } as const;
      const answer = await service.perform(call, caller);
      return await donePage((answer as { output: Output<'reset-password'> }).output);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'password_weak')) throw error;
      return formPage(service, token, address, { field: 'password', text: error.message });
    }
  },
};

async function formPage(
  { deps }: Service,
  token: string,
  address: string | undefined,
  fault?: Fault,
): Promise<Page> {
  const { userId } = await readLink(deps, 'reset-password', token, { console: false, address });
  const user = await userById(deps.engine, userId);
  if (!user) throw new Refusal('code_invalid');
  const least = leastLength(await hasSecondFactor(deps.engine, userId));
  const title = 'Set a new password';
  const body = html`<form method="post" action="/reset" novalidate>
      <input type="hidden" name="token" value="${token}" />
      <label for="account">Account</label>
      <input id="account" type="email" value="${user.email}" autocomplete="username" readonly />
      ${passwordField(
        'password',
        'New password',
        fault,
        html`<ul id="password-rules">
          <li>
            At least ${least} characters, of any kind and any script. Blanks count; a few words in a row do
            well.
          </li>
          <li>Not a password that many people have chosen, and not two of those in a row.</li>
          <li>Not a sequence, and not the same few characters again and again.</li>
          <li>Not only your e-mail address, your name or “okpay”.</li>
        </ul>`,
      )}
      ${passwordField('again', 'The same password again', fault)}
      <button type="submit">Set the password</button>
    </form>
    <p>Every session and token of your account ends with it. A second factor stays as it is.</p>
    <p>If you did not ask for this, close this page. Nothing has happened.</p>`;
  return { html: await layout(fault ? `Error: ${title}` : title, body), status: fault ? 400 : 200 };
}

/** A password with its label, and what describes it: the rules, and what was wrong. */
function passwordField(
  name: Fault['field'],
  label: string,
  fault: Fault | undefined,
  rules?: ReturnType<typeof html>,
): ReturnType<typeof html> {
  const isWrong = fault?.field === name;
  const described = [...(isWrong ? [`${name}-error`] : []), ...(rules ? [`${name}-rules`] : [])].join(' ');
  const describedBy = described === '' ? html`` : html`aria-describedby="${described}"`;
  // The focus goes to what is to be mended: without JavaScript that is all that brings a reader there.
  const state = isWrong ? html`aria-invalid="true" autofocus` : html``;
  return html`<label for="${name}">${label}</label>
    ${rules ?? html``} ${isWrong ? html`<p id="${name}-error" class="error">${fault.text}</p>` : html``}
    <input
      id="${name}"
      name="${name}"
      type="password"
      autocomplete="new-password"
      required
      ${describedBy}
      ${state}
    />`;
}

async function donePage(done: Output<'reset-password'>): Promise<Page> {
  const sessions = done.endedSessions.map(({ device }) => device);
  const tokens = done.endedTokens.map(({ name }) => name);
  const body = html`<p>Go back to your terminal and log in with it:</p>
    <p><code>okpay login</code></p>
    ${listed('These sessions have ended, by device:', sessions)} ${listed('These tokens have ended:', tokens)}
    ${sessions.length + tokens.length === 0 ? html`<p>There was no session or token to end.</p>` : html``}
    ${done.secondFactor ? html`<p>Your second factor is asked for as before.</p>` : html``}`;
  return { html: await layout('Your new password is set', body), status: 200 };
}

function listed(title: string, names: readonly string[]): ReturnType<typeof html> {
  if (names.length === 0) return html``;
  return html`<p>${title}</p>
    <ul>
      ${names.map((name) => html`<li><bdi>${onOneLine(name)}</bdi></li>`)}
    </ul>`;
}
