import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { timestamp } from '../../../src/service/deps.ts';
import { onOneLine } from '../../../src/service/jobs/mail.ts';
import type { Writer } from '../../../src/service/store/engine/engine.ts';
import { insertSession } from '../../../src/service/store/sessions.ts';
import { findBrowser, openBrowser } from '../../browser.ts';
import { openHarness, type Harness, type Holder } from '../../harness.ts';
import { MISSING, readNaughty } from '../../soak/fuzz/naughty.ts';

const NEW = 'seven ravens over the old mill';
const executable = findBrowser();
/** Markup that acts wherever it is not text: in elements, in attributes, in both. */
const MARKUP = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  '</li></ul></main><iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<style>*{display:none}</style>',
  '<!-- ',
  ']]>',
  '&lt;b&gt;&amp;&#60;',
  '${alert(1)}{{7*7}}',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<form action=https://evil.example><button>',
];
/** What a device or a token may be called. */
const isName = (text: string) =>
  text.length > 0 &&
  text.length <= 100 &&
  text.isWellFormed() &&
  !text.includes('\0') &&
  onOneLine(text) !== '';
const NAMES = [...new Set([...MARKUP, ...readNaughty().texts])].filter(isName).slice(0, 1_500);
/** In the page: the elements below `main`, by name, and what is in each `bdi`. */
const TAGS = `[...new Set([...document.querySelectorAll('body *')].map(({ localName }) => localName))].sort()`;
const SHOWN = `[...document.querySelectorAll('bdi')].map(({ textContent }) => textContent)`;

describe.skipIf(executable === undefined)(
  `what was made to do harm, in a browser (skipped where there is none)${MISSING}`,
  () => {
    let browser: Browser;
    let harness: Harness;
    let alice: Holder;
    let url: string;
    beforeAll(async () => {
      browser = await openBrowser(executable ?? '');
    });
    afterAll(() => browser?.close());
    beforeEach(async () => {
      harness = await openHarness();
      url = (await harness.serve()).url;
      alice = await harness.holder('alice');
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await harness.close();
    });

    /** Without the policy, which would hide what slipped through; `ran` has what a script said. */
    const open = async (options: BrowserContextOptions = {}): Promise<{ page: Page; ran: string[] }> => {
      const ran: string[] = [];
      const page = await (await browser.newContext({ bypassCSP: true, ...options })).newPage();
      page.on('dialog', (dialog) => (ran.push(dialog.message()), void dialog.dismiss()));
      return { page, ran };
    };
    const resetLink = async () => {
      await harness.call('forgot-password', { email: alice.email });
      return `${url}/reset?token=${(await harness.nextMail(alice.email, 'forgot-password')).token}`;
    };
    const logInFrom = async (tx: Writer, device: string) => {
      const { newId, now } = harness.service.deps;
      const times = { createdAt: timestamp(now()), expiresAt: timestamp(now() + 86_400_000) };
      const id = newId('session');
      await insertSession(tx, { id, userId: alice.id, tokenHash: id, device, ...times });
    };

    /** Its name is put under it: the service takes letters and digits only. */
    const tokenCalled = async (name: string, made: string) => {
      const { token } = await alice.client.call('create-token', { name: made, scopes: ['read'] });
      await harness.service.deps.engine.transact((tx) =>
        tx.run('UPDATE tokens SET name = ? WHERE id = ?', [name, token.id]),
      );
    };

    test('names of devices and tokens are text on the page, to the letter, and nothing runs (ASVS V1.2.1, V1.2.3, V3.2.2)', async () => {
      expect(NAMES.length).toBeGreaterThan(MARKUP.length);
      await harness.service.deps.engine.transact(async (tx) => {
        for (const name of NAMES) await logInFrom(tx, name);
      });
      for (const [at, name] of MARKUP.entries()) await tokenCalled(name, `token ${at}`);
      const { page, ran } = await open();
      await page.goto(await resetLink());
      await page.getByLabel('New password').fill(NEW);
      await page.getByLabel('The same password again').fill(NEW);
      await page.getByRole('button').click();
      await page.waitForURL(`${url}/reset`);
      expect(await page.title()).toBe('Your new password is set · OKpay');
      const shown = await page.evaluate<string[]>(SHOWN);
      const expected = [...NAMES, ...MARKUP].map(onOneLine);
      for (const name of expected) expect(shown).toContain(name);
      expect(shown.length).toBe(expected.length + 1);
      expect(await page.evaluate(TAGS)).toEqual(['bdi', 'code', 'h1', 'li', 'main', 'p', 'ul']);
      expect(ran).toEqual([]);
    }, 60_000);

    test('positive control: the same names, not escaped, become elements and run', async () => {
      const { page, ran } = await open();
      await page.setContent(
        `<main><ul>${NAMES.map((name) => `<li><bdi>${name}</bdi></li>`).join('')}</ul></main>`,
      );
      expect(await page.evaluate(TAGS)).toContain('script');
      await expect.poll(() => ran).toContain('1');
    });

    test('an address is the value of its field, and stays in it (ASVS V1.2.1, V1.2.3)', async () => {
      const { engine } = harness.service.deps;
      const { page, ran } = await open();
      for (const local of MARKUP) {
        const email = `${local}@example.com`;
        const link = await resetLink();
        await engine.transact((tx) => tx.run('UPDATE users SET email = ? WHERE id = ?', [email, alice.id]));
        await page.goto(link);
        expect(await page.evaluate(`document.getElementById('account').getAttribute('value')`)).toBe(email);
        expect(await page.evaluate(TAGS)).toEqual([
          'button',
          'form',
          'h1',
          'input',
          'label',
          'li',
          'main',
          'p',
          'ul',
        ]);
        expect(ran).toEqual([]);
        await engine.transact((tx) =>
          tx.run('UPDATE users SET email = ? WHERE id = ?', [alice.email, alice.id]),
        );
        harness.clock.advance(3_600_000);
      }
    }, 60_000);

    test('what a link or a form brings with it is not in the page (ASVS V1.2.1, V1.2.3, V3.2.2)', async () => {
      const { page, ran } = await open();
      for (const text of MARKUP) {
        await page.goto(`${url}/reset?token=${encodeURIComponent(text)}`);
        expect(await page.evaluate(TAGS)).toEqual(['code', 'h1', 'main', 'p']);
        await page.goto(await resetLink());
        await page.evaluate(`(() => {
          for (const value of ['a', 'b']) {
            const field = Object.assign(document.createElement('input'), { name: ${JSON.stringify(text)}, value });
            document.forms[0].append(field);
          }
          document.forms[0].submit();
        })()`);
        await page.waitForURL(`${url}/reset`);
        expect(await page.innerText('main')).toContain('is given twice');
        expect(await page.evaluate(TAGS)).toEqual(['h1', 'main', 'p']);
        expect(ran).toEqual([]);
        harness.clock.advance(3_600_000);
      }
    }, 60_000);

    test('an answer of the API that is opened as a page is text, whatever is in it (ASVS V3.2.1)', async () => {
      const { page, ran } = await open({ extraHTTPHeaders: { authorization: `Bearer ${alice.token}` } });
      await alice.client.call('open-case', { title: MARKUP[0] ?? '', text: 'x' });
      const places = [
        ...MARKUP.map((text) => `/v1/fees?${encodeURIComponent(text)}=1`),
        ...MARKUP.map((text) => `/v1/transfers/${encodeURIComponent(text)}`),
        '/v1/support/cases',
        '/openapi.json',
      ];
      for (const place of places) {
        await page.goto(url + place);
        const type = await page.evaluate<string>('document.contentType');
        expect([place, type]).toEqual([place, expect.stringMatching(/^application\/(problem\+)?json$/)]);
        const tags = await page.evaluate<string[]>(TAGS);
        expect([place, tags.filter((tag) => !['pre', 'div'].includes(tag))]).toEqual([place, []]);
      }
      expect(await page.innerText('body')).toContain('openapi');
      expect(ran).toEqual([]);
      // The positive control: called HTML, and with nothing to forbid it, the same answer runs.
      await page.route('**/*', async (route) => {
        const { status, body } = await route.fetch().then(async (answer) => ({
          status: answer.status(),
          body: await answer.text(),
        }));
        await route.fulfill({ status, body, contentType: 'text/html' });
      });
      await page.goto(`${url}/v1/support/cases`);
      await expect.poll(() => ran).toContain('1');
    }, 60_000);
  },
);
