import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessibilityOf, findBrowser, openBrowser, openPage } from '../../browser.ts';
import { openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';

const NEW = 'seven ravens over the old mill';
const executable = findBrowser();

/** In the page: an image from elsewhere than the policy allows. */
const ADD_IMAGE = `document.body.append(Object.assign(document.createElement('img'), { src: '/healthz' }))`;
const WIDTH_OF_ALL = 'document.documentElement.scrollWidth';
const HINTS = `[...document.querySelectorAll('input:not([type=hidden])')].map((input) =>
  [input.getAttribute('autocomplete'), input.getAttribute('value')])`;
/** What is too small for a finger: less than 44 pixels high (WCAG 2.2, 2.5.5). */
const TOO_SMALL = `[...document.querySelectorAll('input:not([type=hidden]), button')]
  .filter((element) => element.getBoundingClientRect().height < 44)
  .map((element) => element.outerHTML)`;
/** The texts whose contrast with their ground is below 4.5 (WCAG 2.2, 1.4.3). */
const POORLY_SEEN = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const ground = matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff';
  const luminance = (colour) => {
    for (const each of [ground, colour]) {
      canvas.fillStyle = each;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  return [...document.querySelectorAll('h1, p, label, li, input:not([type=hidden]), button, code')].flatMap((element) => {
    const { color, backgroundColor } = getComputedStyle(element);
    const both = [luminance(color), luminance(backgroundColor)];
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    return ratio < 4.5 ? [element.outerHTML.slice(0, 60) + ': ' + ratio.toFixed(1)] : [];
  });
})()`;

describe.skipIf(executable === undefined)('the pages in a browser (skipped where there is none)', () => {
  let browser: Browser;
  let harness: Harness;
  let alice: Holder;
  let url: string;
  let resetUrl: string;
  beforeAll(async () => {
    browser = await openBrowser(executable ?? '');
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    harness = await openHarness();
    url = (await harness.serve()).url;
    alice = await harness.holder('alice');
    await harness.call('forgot-password', { email: alice.email });
    resetUrl = `${url}/reset?token=${(await harness.nextMail(alice.email, 'forgot-password')).token}`;
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await harness.close();
  });

  const visit = async (address: string, options: BrowserContextOptions = {}) => {
    const { page, wrong } = await openPage(await browser.newContext(options));
    await page.goto(address);
    return { page, wrong };
  };
  const verifyUrl = async () => {
    await harness.call('register', { email: 'bob@example.com', displayName: 'Bob', password: PASSWORD });
    return `${url}/verify?token=${(await harness.nextMail('bob@example.com', 'verify')).token}`;
  };
  const focused = async (page: Page) =>
    (await accessibilityOf(page)).find((each) => each.focused && each.role !== 'RootWebArea');

  test.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('a new password is set by keyboard alone, %s', async (_how, javaScriptEnabled) => {
    const { page, wrong } = await visit(resetUrl, { javaScriptEnabled });
    const { keyboard } = page;
    expect(await page.title()).toBe('Set a new password · OKpay');
    const reached = [];
    for (let at = 0; at < 4; at++) {
      await keyboard.press('Tab');
      const found = await focused(page);
      reached.push([found?.role, found?.name]);
    }
    expect(reached).toEqual([
      ['textbox', 'Account'],
      ['textbox', 'New password'],
      ['textbox', 'The same password again'],
      ['button', 'Set the password'],
    ]);
    for (let at = 0; at < 2; at++) await keyboard.press('Shift+Tab');

    // First one that is too short: the page says so in its title, and takes the reader to the field.
    await keyboard.type('too short');
    await keyboard.press('Tab');
    await keyboard.type('too short');
    await Promise.all([page.waitForEvent('load'), keyboard.press('Enter')]);
    expect(await page.title()).toBe('Error: Set a new password · OKpay');
    const field = await focused(page);
    expect(field).toMatchObject({ role: 'textbox', name: 'New password', invalid: true });
    expect(field?.description).toMatch(/9 characters and needs at least 15.*At least 15 characters/s);
    expect(page.url()).toBe(`${url}/reset`);

    await keyboard.type(NEW);
    await keyboard.press('Tab');
    await keyboard.type(NEW);
    await Promise.all([page.waitForEvent('load'), keyboard.press('Enter')]);
    expect(await page.title()).toBe('Your new password is set · OKpay');
    await expect(harness.logIn(alice.email, NEW)).resolves.toHaveProperty('token');
    // A page that answers 400 is said on the console, and nothing else.
    expect(wrong.filter((text) => !/status of 400/.test(text))).toEqual([]);
  });

  test('an address is confirmed by keyboard alone, without JavaScript', async () => {
    const { page, wrong } = await visit(await verifyUrl(), { javaScriptEnabled: false });
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ role: 'button', name: 'Confirm my address' });
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    expect(await page.title()).toBe('Your address is confirmed · OKpay');
    await expect(harness.logIn('bob@example.com')).resolves.toHaveProperty('token');
    expect(wrong).toEqual([]);
  });

  test('every field has its label, every description is heard, one heading leads', async () => {
    const { page } = await visit(resetUrl);
    const seen = await accessibilityOf(page);
    const named = seen.filter(({ role }) => ['textbox', 'button', 'heading'].includes(role));
    expect(named.map(({ role, name }) => [role, name])).toEqual([
      ['heading', 'Set a new password'],
      ['textbox', 'Account'],
      ['textbox', 'New password'],
      ['textbox', 'The same password again'],
      ['button', 'Set the password'],
    ]);
    expect(seen.find(({ name }) => name === 'New password')?.description).toContain('At least 15 characters');
  });

  test('the token leaves in no Referer, and the policy has nothing to forbid (ASVS V3.4.3, V3.4.5)', async () => {
    const { page, wrong } = await visit(resetUrl);
    const sent: Record<string, string>[] = [];
    page.on('request', (request) => void request.allHeaders().then((headers) => sent.push(headers)));
    await page.getByLabel('New password').fill(NEW);
    await page.getByLabel('The same password again').fill(NEW);
    await page.getByRole('button').click();
    await page.waitForURL(`${url}/reset`);
    await expect.poll(() => sent.length).toBeGreaterThan(0);
    for (const headers of sent) expect(headers).not.toHaveProperty('referer');
    expect(wrong).toEqual([]);
    // The control: what is not ours would be forbidden, and be seen here.
    await page.evaluate(ADD_IMAGE);
    await expect.poll(() => wrong.join()).toContain('Content Security Policy');
  });

  test('a password manager knows whose password it is, and that it is a new one', async () => {
    const { page } = await visit(resetUrl);
    const hints = await page.evaluate(HINTS);
    expect(hints).toEqual([
      ['username', alice.email],
      ['new-password', null],
      ['new-password', null],
    ]);
  });

  const WIDTHS = [390, 1200] as const;
  const SCHEMES = ['light', 'dark'] as const;
  test.each(WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [width, scheme] as const)))(
    'nothing is cut at %i pixels in %s, and every text can be told from its ground',
    async (width, colorScheme) => {
      const { page } = await visit(resetUrl, { viewport: { width, height: 800 }, colorScheme });
      const look = async (name: string) => {
        const folder = process.env['OKPAY_SCREENSHOTS'];
        if (folder)
          await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
        expect(await page.evaluate(WIDTH_OF_ALL)).toBeLessThanOrEqual(width);
        expect([name, await page.evaluate(TOO_SMALL)]).toEqual([name, []]);
        expect([name, await page.evaluate(POORLY_SEEN)]).toEqual([name, []]);
      };
      await look('reset');
      await page.getByRole('button').click();
      await page.waitForURL(`${url}/reset`);
      await look('reset-error');
      await page.goto(await verifyUrl());
      await look('verify');
      await page.goto(`${url}/reset?token=${'x'.repeat(32)}`);
      await look('gone');
    },
  );
});
