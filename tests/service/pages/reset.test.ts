import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { insertFactor } from '../identity/account-rows.ts';

const NEW = 'seven ravens over the old mill';
const FORM = 'application/x-www-form-urlencoded';

let harness: Harness;
let alice: Holder;
let url: string;
let token: string;
beforeEach(async () => {
  harness = await openHarness();
  url = (await harness.serve()).url;
  alice = await harness.holder('alice');
  await harness.call('forgot-password', { email: alice.email });
  token = (await harness.nextMail(alice.email, 'forgot-password')).token ?? '';
});
afterEach(() => harness.close());

const open = (query = `?token=${token}`) => fetch(`${url}/reset${query}`);
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/reset`, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body });
const send = (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  post(new URLSearchParams({ token, password: NEW, again: NEW, ...fields }).toString(), headers);
/** Whether the password is still the one before. */
const isAsBefore = async () => {
  await expect(harness.logIn(alice.email)).resolves.toHaveProperty('token');
};

describe('the link in a mail', () => {
  it('opens a form that spends nothing, however often it is opened', async () => {
    for (let at = 0; at < 20; at++) expect((await open()).status).toBe(200);
    await isAsBefore();
    expect((await send()).status).toBe(200);
  });

  it('sets the new password when the form is sent, once, and says what ended with it', async () => {
    await harness.call('log-in', { email: alice.email, password: PASSWORD, device: 'phone <b>\u202e' });
    const done = await send();
    const text = await done.text();
    expect(done.status).toBe(200);
    expect(text).toContain('okpay login');
    expect(text).toContain('<bdi>phone &lt;b&gt;\u{fffd}</bdi>');
    await expect(harness.logIn(alice.email, NEW)).resolves.toHaveProperty('token');
    await expect(alice.client.call('get-me', {})).rejects.toMatchObject({ code: 'session_expired' });
    for (const again of [await send(), await open()])
      expect([again.status, await again.text()]).toEqual([
        422,
        expect.stringMatching(/does not work any more[\s\S]*okpay password forgot/),
      ]);
  });

  it('explains itself after ten minutes, and after a newer mail', async () => {
    await harness.call('forgot-password', { email: alice.email });
    expect(await (await open()).text()).toContain('a newer mail took its place');
    expect((await send()).status).toBe(422);
    token = (await harness.nextMail(alice.email, 'forgot-password')).token ?? '';
    expect((await open()).status).toBe(200);
    harness.clock.advance(10 * 60_000);
    expect(await (await open()).text()).toContain('its ten minutes are over');
    expect((await send()).status).toBe(422);
    await isAsBefore();
  });

  it('is none of the link that verifies an address, and the other way round (ASVS V9.2.2)', async () => {
    await harness.call('register', { email: 'bob@example.com', displayName: 'Bob', password: PASSWORD });
    const other = (await harness.nextMail('bob@example.com', 'verify')).token ?? '';
    expect((await open(`?token=${other}`)).status).toBe(422);
    expect((await send({ token: other })).status).toBe(422);
    const verify = (value: string) =>
      fetch(`${url}/verify`, { method: 'POST', headers: { 'content-type': FORM }, body: `token=${value}` });
    expect((await verify(token)).status).toBe(422);
    // The controls.
    expect((await verify(other)).status).toBe(200);
    expect((await send()).status).toBe(200);
  });
});

describe('the form', () => {
  it.each([
    ['too short a password', { password: 'short', again: 'short' }, /5 characters and needs at least 15/],
    ['a common one', { password: '1qaz2wsx3edc4rfv', again: '1qaz2wsx3edc4rfv' }, /many people have chosen/],
    ['a name', { password: 'alicealicealice', again: 'alicealicealice' }, /your name/],
    ['too long a one', { password: 'x y'.repeat(400), again: 'x y'.repeat(400) }, /longer than 1024 bytes/],
    ['none', { password: '', again: '' }, /Type a new password/],
  ])('with %s says why, at its field, and leaves the link good', async (_what, fields, reason) => {
    const response = await send(fields);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).toMatch(reason);
    expect(text).toMatch(/<title>Error: Set a new password/);
    expect(text).toMatch(/aria-describedby="password-error password-rules"\s+aria-invalid="true" autofocus/);
    expect(text).not.toMatch(/value="(short|1qaz|alicealice|x y)/);
    await isAsBefore();
    expect((await send()).status).toBe(200);
  });

  it('with two different ones says so at the second', async () => {
    const response = await send({ again: `${NEW} ` });
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).toMatch(/id="again-error"[^>]*>The two passwords are not the same/);
    expect(text).toMatch(/id="again"[\s\S]*aria-describedby="again-error"/);
    await isAsBefore();
  });

  it('takes every password the rules take, blanks at the ends, plus and percent signs included', async () => {
    const password = ' 50% + more & 漢字 = “fine” ';
    expect((await send({ password, again: password })).status).toBe(200);
    await expect(harness.logIn(alice.email, password)).resolves.toHaveProperty('token');
  });

  it('takes one of the longest, each of whose bytes is written as three', async () => {
    const password = '漢字仮名交'.repeat(68);
    expect(Buffer.byteLength(password)).toBe(1_020);
    expect((await send({ password, again: password })).status).toBe(200);
  });

  it('asks for 8 characters where a second factor is on', async () => {
    expect(await (await open()).text()).toContain('At least 15 characters');
    await insertFactor(harness.service.deps, alice.id);
    expect(await (await open()).text()).toContain('At least 8 characters');
    const done = await send({ password: 'ferry7td', again: 'ferry7td' });
    expect([done.status, await done.text()]).toEqual([
      200,
      expect.stringContaining('second factor is asked for as before'),
    ]);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:7227' }],
    ['another origin', { origin: 'https://evil.example' }],
  ])('sent from %s is refused', async (_from, headers) => {
    expect((await send({}, headers)).status).toBe(400);
    await isAsBefore();
  });

  it.each([
    ['JSON', `{}`, 'application/json', 415],
    ['text', `token=TOKEN&password=x&again=x`, 'text/plain', 415],
    ['a field twice', 'token=TOKEN&password=x&password=y&again=x', FORM, 400],
    ['something more', 'token=TOKEN&password=x&again=x&next=https://evil.example', FORM, 422],
    ['too much', `token=TOKEN&password=${'x'.repeat(9_000)}`, FORM, 413],
    ['no token', 'password=x&again=x', FORM, 422],
  ])('with %s is refused', async (_what, body, type, status) => {
    const response = await post(body.replace('TOKEN', token), { 'content-type': type });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    await isAsBefore();
  });

  it('is guessed at a pace: who tries too many links waits, and is told how long', async () => {
    const statuses = [];
    for (let at = 0; at < 25; at++)
      statuses.push((await send({ password: `short ${at}`, again: `short ${at}` })).status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(400));
    const held = await send();
    expect(held.status).toBe(429);
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await held.text()).toContain('That did not work');
  });
});

describe('the page', () => {
  it.each([
    ['no token', ''],
    ['two', `?token=${'x'.repeat(32)}&token=${'y'.repeat(32)}`],
    ['a script', '?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E'],
    ['one nobody was given', `?token=${'x'.repeat(32)}`],
  ])('with %s is an answer of its own, and echoes nothing', async (_what, query) => {
    const response = await open(query);
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).not.toMatch(/<script|alert|xxx/);
    expect(text).toContain('This link does not work any more');
  });

  it('lets the token go nowhere: no Referer, nothing kept, nothing from elsewhere', async () => {
    const response = await open();
    const text = await response.text();
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'`,
    );
    expect(text).not.toMatch(/<script|<link|<img|<iframe|https?:|style="|\son\w+=/);
    expect(text.split(token)).toHaveLength(2);
  });
});
