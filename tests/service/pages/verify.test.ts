import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userByEmail } from '../../../src/service/store/users.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';

const EMAIL = 'alice@example.com';
const FORM = 'application/x-www-form-urlencoded';

let harness: Harness;
let url: string;
let registration: string;
let token: string;
beforeEach(async () => {
  harness = await openHarness();
  url = (await harness.serve()).url;
  ({ registration } = await harness.call('register', {
    email: EMAIL,
    displayName: 'Alice',
    password: PASSWORD,
  }));
  token = (await harness.nextMail(EMAIL)).token ?? '';
});
afterEach(() => harness.close());

const open = (query = `?token=${token}`) => fetch(`${url}/verify${query}`);
const press = (body = `token=${token}`, headers: Record<string, string> = {}) =>
  fetch(`${url}/verify`, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body });
const account = () => userByEmail(harness.service.deps.engine, EMAIL);

describe('the link in a mail', () => {
  it('opens a page that changes nothing, however often it is opened (ASVS V3.5.3)', async () => {
    for (let at = 0; at < 20; at++) expect((await open()).status).toBe(200);
    expect(await account()).toBeUndefined();
    await expect(harness.logIn(EMAIL)).rejects.toMatchObject({ code: 'email_unverified' });
  });

  it('confirms the address when the button is pressed, once', async () => {
    const done = await press();
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('okpay login')]);
    await expect(harness.logIn(EMAIL)).resolves.toHaveProperty('token');
    expect((await harness.nextMail(EMAIL, 'welcome')).text).toContain('open');
    const again = await press();
    expect([again.status, await again.text()]).toEqual([
      422,
      expect.stringContaining('does not work any more'),
    ]);
  });

  it('is dead after ten minutes, and after a newer mail', async () => {
    await harness.call('resend-verification', { registration });
    expect((await press()).status).toBe(422);
    const newer = (await harness.nextMail(EMAIL)).token ?? '';
    harness.clock.advance(10 * 60_000);
    expect((await press(`token=${newer}`)).status).toBe(422);
    expect(await account()).toBeUndefined();
  });

  it('works for the registration it was mailed for, whoever else registered', async () => {
    await harness.call('register', {
      email: EMAIL,
      displayName: 'Mallory',
      password: 'the password of an attacker',
    });
    await press();
    expect((await account())?.displayName).toBe('Alice');
  });
});

describe('the page', () => {
  it.each([
    ['no token', ''],
    ['an empty one', '?token='],
    ['two', `?token=${'x'.repeat(32)}&token=${'y'.repeat(32)}`],
    ['a script', '?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E'],
    ['a long one', `?token=${'x'.repeat(33)}`],
  ])('with %s is an answer of its own, and echoes nothing', async (_what, query) => {
    const response = await open(query);
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).not.toMatch(/<script|alert|xxx/);
    expect(text).toContain('This link does not work any more');
  });

  it('is well made: language, title, one button with words, no script, no address of another', async () => {
    const response = await open();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const text = await response.text();
    expect(text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1" />');
    expect(text).toMatch(/<title>[^<]+<\/title>/);
    expect(text).toMatch(/<button type="submit">\s*Confirm my address\s*<\/button>/);
    expect(text).toContain(`<input type="hidden" name="token" value="${token}" />`);
    expect(text).not.toMatch(/<script|<link|<img|<iframe|https?:|style="|\son\w+=/);
  });

  it('may use its own style, and nothing else', async () => {
    const response = await open();
    const style = /<style>([\s\S]*?)<\/style>/.exec(await response.text())?.[1] ?? '';
    const policy = response.headers.get('content-security-policy');
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'`,
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the form', () => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:7227' }],
    ['nowhere', { 'sec-fetch-site': 'none' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['a hidden origin', { origin: 'null' }],
    ['our origin by another scheme', { origin: 'https://127.0.0.1:7227' }],
  ])('sent from %s is refused (ASVS V3.5.1)', async (_from, headers) => {
    const response = await press(undefined, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'text/html; charset=utf-8',
    ]);
    expect(await account()).toBeUndefined();
  });

  it.each([
    ['our page in a browser of today', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['our page in an old browser', { origin: 'http://127.0.0.1:7227' }],
    ['a program', {}],
  ])('sent from %s is taken', async (_from, headers) => {
    expect((await press(undefined, headers)).status).toBe(200);
  });

  it.each([
    ['text', `token=TOKEN`, 'text/plain', 415],
    ['JSON', '{"token":"TOKEN"}', 'application/json', 415],
    ['parts', 'token=TOKEN', 'multipart/form-data', 415],
    ['the token twice', 'token=TOKEN&token=TOKEN', FORM, 400],
    ['something more', 'token=TOKEN&next=https://evil.example', FORM, 422],
    ['nothing', '', FORM, 422],
    ['too much', `token=TOKEN&x=${'x'.repeat(5_000)}`, FORM, 413],
  ])('with %s is refused', async (_what, body, type, status) => {
    const response = await press(body.replaceAll('TOKEN', token), { 'content-type': type });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    expect(await account()).toBeUndefined();
  });

  it('is guessed as seldom as a code', async () => {
    for (let at = 0; at < 10; at++) await press(`token=${'x'.repeat(31)}${at}`);
    // Guesses at tokens of nobody do not use up the tries of anybody.
    expect((await press()).status).toBe(200);
  });
});
