import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userByEmail } from '../../../src/service/store/users.ts';
import { findBrowser, openBrowser, openPage } from '../../browser.ts';
import { openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import type { Draft } from '../../soak/fuzz/requests.ts';
import { makeSender, type Answer, type Sender } from '../../soak/fuzz/sender.ts';
import { allRows } from '../all-rows.ts';
import { fund, newKey, person } from '../money/wallet.ts';
import { everyDraft, everyRoute, wireFor } from './every-route.ts';

/** What a browser sends to another site without asking it first (Fetch Standard, CORS-safelisted request-header). */
const SIMPLE_TYPES = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  '',
];
const FROM_ELSEWHERE = {
  origin: 'https://evil.example',
  'sec-fetch-site': 'cross-site',
  connection: 'close',
};
/** What is kept of every call, whatever it is: when a session was used last, and tries that failed. */
const OF_ASKING = ['sessions', 'throttles', 'audit_log'];
const BOB = 'bob@example.com';

let harness: Harness;
let url: string;
let sender: Sender;
beforeEach(async () => {
  harness = await openHarness();
  ({ url } = await harness.serve());
  sender = makeSender(url, 10_000);
});
afterEach(async () => {
  await sender.close();
  await harness.close();
});

const statusOf = (answer: Answer) => ('failed' in answer ? answer.failed : answer.status);
/** What is in the mail to somebody who registers. */
const linkToken = async () => {
  await harness.call('register', { email: BOB, displayName: 'Bob', password: PASSWORD });
  return (await harness.nextMail(BOB, 'verify')).token ?? '';
};
const bob = () => userByEmail(harness.service.deps.engine, BOB);

describe('what a browser sends from another site', () => {
  it('is refused by every route that takes a body, whatever token is with it, and changes nothing (ASVS V3.5.1, V3.5.2)', async () => {
    const link = await linkToken();
    const drafts = (await everyDraft(url)).filter(({ method }) => method === 'POST');
    const callers = new Map<Draft, string>();
    for (const draft of drafts) callers.set(draft, (await person(harness, newKey(), 'admin')).token);
    const before = await allRows(harness);
    for (const draft of drafts)
      for (const type of SIMPLE_TYPES) {
        const headers = Object.entries({
          ...FROM_ELSEWHERE,
          ...(type === '' ? {} : { 'content-type': type }),
        });
        const answer = await sender.send(wireFor({ ...draft, headers }, callers.get(draft)));
        expect([draft.call.path, type, statusOf(answer)]).toEqual([draft.call.path, type, 415]);
      }
    const pages = everyRoute(harness.service).filter(
      ({ method, path }) => method === 'POST' && !path.startsWith('/v1/'),
    );
    expect(pages.map(({ path }) => path)).toEqual(['/verify', '/reset', '/unlock']);
    for (const { path } of pages)
      for (const type of SIMPLE_TYPES) {
        const headers = { ...FROM_ELSEWHERE, 'content-type': type };
        const answer = await fetch(url + path, { method: 'POST', headers, body: `token=${link}` });
        expect([path, type, answer.status]).toEqual([path, type, 400]);
        expect(await answer.text()).toContain('was sent from another site');
      }
    expect(await allRows(harness)).toEqual(before);
    // The positive control: from our own site the same form is done.
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': SIMPLE_TYPES[0] ?? '' };
    await fetch(`${url}/verify`, { method: 'POST', headers, body: `token=${link}` });
    expect(await bob()).toBeDefined();
  });

  it('may not even be asked for: no route answers a preflight with anything (ASVS V3.5.2)', async () => {
    for (const { path, method } of everyRoute(harness.service)) {
      const headers = { ...FROM_ELSEWHERE, 'access-control-request-method': method };
      const answer = await fetch(url + path, { method: 'OPTIONS', headers });
      const allowed = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));
      expect([path, answer.status, allowed]).toEqual([path, 405, []]);
    }
  });
});

describe('reading', () => {
  it('changes nothing, by GET and HEAD of every route and by the links of mails (ASVS V3.5.3)', async () => {
    const link = await linkToken();
    const admin = await person(harness, 'admin', 'admin');
    await fund(harness, admin, '100');
    const before = await allRows(harness, OF_ASKING);
    const reading = (await everyDraft(url)).filter(({ method }) => method === 'GET');
    expect(reading.length).toBeGreaterThan(20);
    for (const draft of reading)
      for (const method of ['GET', 'HEAD'])
        for (const token of [admin.token, undefined])
          expect(statusOf(await sender.send(wireFor({ ...draft, method }, token)))).toBeLessThan(500);
    for (const { method, path } of everyRoute(harness.service))
      if (method === 'GET')
        for (const query of ['', `?token=${link}`, '?_method=DELETE', '?amount=1&to=bob'])
          for (const headers of [{}, FROM_ELSEWHERE, { authorization: `Bearer ${admin.token}` }])
            await fetch(url + path + query, { headers });
    expect(await allRows(harness, OF_ASKING)).toEqual(before);
    expect(await bob()).toBeUndefined();
    // The positive control: what does change something is seen.
    await admin.client.call('open-case', { title: 'Help', text: 'Me' });
    expect(await allRows(harness, OF_ASKING)).not.toEqual(before);
  });
});

const executable = findBrowser();
describe.skipIf(executable === undefined)(
  'a page of another site, in a browser (skipped where there is none)',
  () => {
    let browser: Browser;
    let elsewhere: Server;
    let alice: Holder;
    beforeEach(async () => {
      browser = await openBrowser(executable ?? '');
      elsewhere = createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>');
      }).listen(0, 'localhost');
      await once(elsewhere, 'listening');
      alice = await harness.holder('alice');
    });
    afterEach(async () => {
      await browser.close();
      elsewhere.closeAllConnections();
      elsewhere.close();
    });
    const visit = async () => {
      const { page } = await openPage(await browser.newContext());
      await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
      return page;
    };

    it('cannot press our buttons, nor call us with a token it stole, nor read what we say (ASVS V3.5.1, V3.5.2)', async () => {
      const link = await linkToken();
      const page = await visit();
      await page.evaluate(`(() => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: '${url}/verify' });
      form.append(Object.assign(document.createElement('input'), { name: 'token', value: '${link}' }));
      document.body.append(form);
      form.submit();
    })()`);
      await page.waitForURL(`${url}/verify`);
      expect(await page.innerText('main')).toContain('was sent from another site');
      expect(await bob()).toBeUndefined();

      const asked = await visit();
      const authorization = `Bearer ${alice.token}`;
      const tries: [string, object][] = [
        ['/v1/sessions/current', { method: 'DELETE', headers: { authorization } }],
        [
          '/v1/support/cases',
          {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/json' },
            body: '{"title":"a","text":"b"}',
          },
        ],
        [
          '/v1/support/cases',
          {
            method: 'POST',
            mode: 'no-cors',
            headers: { authorization, 'content-type': 'text/plain' },
            body: '{"title":"a","text":"b"}',
          },
        ],
        ['/v1/me', { headers: { authorization } }],
        ['/openapi.json', {}],
        ['/v1/me', { credentials: 'include' }],
      ];
      for (const [path, init] of tries) {
        const call = `fetch('${url}${path}', ${JSON.stringify(init)}).then((answer) => answer.text(), () => 'kept away')`;
        expect([path, ['', 'kept away'].includes(await asked.evaluate<string>(call))]).toEqual([path, true]);
      }
      expect((await alice.client.call('list-sessions', {})).sessions).toHaveLength(1);
      expect((await alice.client.call('list-cases', {})).cases).toEqual([]);
    });

    it('cannot put a page of ours into a frame (ASVS V3.4.6)', async () => {
      const page = await visit();
      const framed = async (address: string) => {
        await page.evaluate(`new Promise((resolve) => {
        const frame = Object.assign(document.createElement('iframe'), { src: '${address}', onload: resolve });
        document.body.replaceChildren(frame);
      })`);
        return page.frames().at(-1)?.evaluate('document.body.innerText') as Promise<string>;
      };
      for (const place of ['/verify', '/reset', '/unlock'])
        expect(await framed(`${url}${place}?token=${'x'.repeat(32)}`)).not.toContain('link');
      // The positive control: without the policy it is there.
      await page.route('**/verify*', async (route) => {
        const answer = await route.fetch();
        const headers = {
          ...answer.headers(),
          'content-security-policy': '',
          'cross-origin-resource-policy': '',
        };
        await route.fulfill({ status: answer.status(), headers, body: await answer.text() });
      });
      expect(await framed(`${url}/verify?token=${'x'.repeat(32)}`)).toContain('Confirm');
    });

    it('positive control: our own page presses its button', async () => {
      const { page } = await openPage(await browser.newContext());
      await page.goto(`${url}/verify?token=${await linkToken()}`);
      await page.getByRole('button').click();
      await page.waitForURL(`${url}/verify`);
      expect(await bob()).toBeDefined();
    });
  },
);
