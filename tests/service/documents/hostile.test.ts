import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBrowser, openBrowser, openPage } from '../../browser.ts';
import { openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, money, newKey } from '../money/wallet.ts';
import { statementText, textOf } from './read-documents.ts';

const executable = findBrowser();
const NAME = '<img src=x onerror=alert(1)> "&\' \u202Eevil';
const NOTE = '</td></table><script>document.title="owned"</script><a href="javascript:1">x</a>';

describe('text of others in receipts and statements (ASVS V1.2.1)', () => {
  let harness: Harness;
  let alice: Holder;
  let transfer: string;
  beforeEach(async () => {
    harness = await openHarness();
    alice = await harness.holder('alice');
    const mallory = await harness.holder('mallory', { displayName: NAME.replace('\u202E', '') });
    await fund(harness, alice, '100');
    const asked = { to: mallory.email, amount: money('1 EUR'), note: `${NOTE}\u202E` };
    transfer = (await alice.client.call('create-transfer', asked, { key: newKey() })).id;
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const documents = async (format: 'text' | 'html') => [
    await textOf(alice.client.stream('get-receipt', { transfer, format })),
    await statementText(alice.client, { format }),
  ];

  test('is on one line as text, with what would be hidden made visible', async () => {
    for (const text of await documents('text')) {
      expect(text).toContain('‹U+202E›');
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    }
  });

  test('is no markup on a page, and no page has a script, an address or a style of its own', async () => {
    for (const page of await documents('html')) {
      expect(page).toContain('&#60;script&#62;');
      expect(page.replace(/<style>[^]*?<\/style>/, '')).not.toMatch(
        /<(?!\/?(?:!doctype|html|head|meta|title|style|body|header|p|h1|h2|dl|dt|dd|table|thead|tbody|tr|th|td|br|small|footer)\b)/i,
      );
      expect(page).toMatch(
        /content="default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'"/,
      );
    }
  });

  test.skipIf(executable === undefined)(
    'a browser shows the pages as they are meant, runs nothing, prints them, and says of what is put in that it is forbidden',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'okpay-pages-'));
      const browser = await openBrowser(executable ?? '');
      try {
        const { page, wrong } = await openPage(await browser.newContext());
        for (const [at, text] of (await documents('html')).entries()) {
          const path = join(folder, `${at}.html`);
          writeFileSync(path, text);
          await page.goto(pathToFileURL(path).href);
          expect(await page.title()).toMatch(/^(Receipt: Payment|Statement of 2026-03)$/);
          expect(await page.locator('body').innerText()).toContain('<script>document.title="owned"</script>');
          expect(
            await page.evaluate('document.querySelectorAll("script, img, a, form, iframe").length'),
          ).toBe(0);
          // Its style is the one that the policy lets in.
          expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).not.toBe('none');
          expect(wrong).toEqual([]);
          await page.emulateMedia({ media: 'print' });
          expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('none');
          expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
          await page.emulateMedia({ media: 'screen' });
        }
        // The control: a page with a script in it is told of.
        const path = join(folder, 'control.html');
        writeFileSync(
          path,
          (await documents('html'))[0]?.replace('<footer>', '<script>1</script><footer>') ?? '',
        );
        await page.goto(pathToFileURL(path).href);
        expect(wrong.join()).toContain('Content Security Policy');
      } finally {
        await browser.close();
        rmSync(folder, { recursive: true });
      }
    },
  );
});
