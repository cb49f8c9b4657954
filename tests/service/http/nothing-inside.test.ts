import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OPERATIONS, type Operation } from '../../../src/core/contract/operations.ts';
import { makeAnswers } from '../../../src/service/http/answers.ts';
import { openApi } from '../../../src/service/http/openapi.ts';
import type { Engine } from '../../../src/service/store/engine/engine.ts';
import { openHarness, type Harness } from '../../harness.ts';
import { makeSender, type Answer } from '../../soak/fuzz/sender.ts';
import { newKey, person } from '../money/wallet.ts';
import { everyDraft, everyRoute, wireFor } from './every-route.ts';

/** Why a database cannot answer, with all that must not get out. */
const BROKEN = Object.assign(new Error('SQLITE_IOERR: SELECT secret FROM /srv/okpay/okpay.db'), {
  code: 'EIO',
});
/** What tells of the inside: a stack, SQL, a path, a package, a version. */
const TELLING =
  /\n\s+at |\.ts:\d|\.js:\d|node:|SELECT |SQLITE|\bEIO\b|secret|\/srv\/|okpay\.db|node_modules|\bhono\b|undici|zod|pino/i;
const VERSIONS = [
  process.version.slice(1),
  ...[process.versions.v8, process.versions.openssl, process.versions['undici'] ?? 'none'],
  (
    JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
      version: string;
    }
  ).version,
];
/** What scanners ask for first. */
const PROBES = [
  ...['/.env', '/.git/config', '/.git/HEAD', '/.svn/entries', '/.DS_Store', '/.well-known/security.txt'],
  ...[
    '/debug',
    '/debug/pprof/',
    '/debug/vars',
    '/_debug',
    '/__inspect',
    '/json/version',
    '/trace',
    '/heapdump',
  ],
  ...['/metrics', '/v1/metrics', '/stats', '/status', '/server-status', '/server-info', '/info', '/env'],
  ...[
    '/actuator',
    '/actuator/env',
    '/actuator/heapdump',
    '/console',
    '/admin',
    '/phpinfo.php',
    '/config.json',
  ],
  ...['/docs', '/swagger', '/swagger-ui', '/swagger.json', '/api-docs', '/redoc', '/graphql', '/graphiql'],
  ...['/package.json', '/package-lock.json', '/okpay.js', '/src/main.ts', '/main.js.map', '/okpay.db'],
  ...['/backup', '/okpay.db.keys', '/test', '/dev', '/v1/dev', '/v1/debug', '/index.html', '/favicon.ico'],
];

let harness: Harness;
let url: string;
beforeEach(async () => {
  harness = await openHarness();
  ({ url } = await harness.serve());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await harness.close();
});

/** What an answer tells that it should not. */
function tells(answer: { text: string; headers: object }): string[] {
  const all = `${answer.text}${JSON.stringify(answer.headers)}`;
  return [...(TELLING.exec(all) ?? []), ...VERSIONS.filter((version) => all.includes(version))];
}

/** The answers to everything that can be asked, of an administrator and of nobody. */
async function everyAnswer(): Promise<Map<string, Exclude<Answer, { failed: string }>>> {
  const sender = makeSender(url, 10_000);
  const answers = new Map<string, Exclude<Answer, { failed: string }>>();
  const keep = (where: string, answer: Answer) => {
    if ('failed' in answer) throw new Error(`${where}: ${answer.failed}`);
    answers.set(where, answer);
  };
  const nothing = { headers: [['connection', 'close']] as const, body: undefined, chunked: false };
  for (const draft of await everyDraft(url)) {
    const headers: typeof draft.headers = [...draft.headers, ['connection', 'close']];
    const { token } = await person(harness, newKey(), 'admin').catch(() => ({ token: 'none' }));
    keep(`${draft.call.operation} ${answers.size}`, await sender.send(wireFor({ ...draft, headers }, token)));
    keep(`${draft.call.operation} of nobody`, await sender.send(wireFor({ ...draft, headers })));
  }
  const link = `?token=${'x'.repeat(32)}`;
  for (const { method, path } of everyRoute(harness.service))
    // The document of the API is in the source for everybody to read; it is looked at below.
    if (method === 'GET' && path !== '/openapi.json')
      for (const query of ['', link]) {
        const target = path + query;
        keep(target, await sender.send({ ...nothing, method, target }));
      }
  const form = { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' };
  const body = Buffer.from(`token=${'x'.repeat(32)}`);
  for (const target of ['/verify', '/reset', '/unlock'])
    keep(
      `POST ${target}`,
      await sender.send({ method: 'POST', target, headers: Object.entries(form), body, chunked: false }),
    );
  await sender.close();
  return answers;
}

describe('an answer', () => {
  it('tells nothing of the inside and no version, of every route (ASVS V13.4.6, V16.5.1)', async () => {
    for (const [where, answer] of await everyAnswer()) expect([where, tells(answer)]).toEqual([where, []]);
  });

  it('is the same sentence whatever broke inside, of every route (ASVS V16.5.1)', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { engine } = harness.service.deps;
    const fails = () => Promise.reject(BROKEN);
    const broken: Engine = {
      ...engine,
      ...{ all: fails, one: fails, transact: fails, post: fails, openSnapshot: fails, confirm: fails },
    };
    const drafts = await everyDraft(url);
    Object.assign(harness.service.deps, { engine: broken });
    const answers = await everyAnswer();
    Object.assign(harness.service.deps, { engine });
    const bodies = new Set<string>();
    for (const [where, answer] of answers) {
      expect([where, tells(answer)]).toEqual([where, []]);
      if (answer.status === 500 && where.includes(' ')) bodies.add(answer.text);
    }
    const failed = [...answers.values()].filter(({ status }) => status === 500);
    expect(failed.length).toBeGreaterThan(drafts.length);
    const problems = [...bodies].filter((text) => text.startsWith('{'));
    expect(problems.map((text) => (JSON.parse(text) as { code: string }).code)).toEqual(['unexpected']);
    // What happened is in the log, for whoever runs the service.
    expect(harness.logged.some(({ stack }) => String(stack).includes('SQLITE_IOERR'))).toBe(true);
  });

  it('positive control: a stack, a path or a version in it is seen', () => {
    for (const text of [
      BROKEN.stack ?? '',
      '/srv/okpay',
      'SELECT 1',
      `okpay/${VERSIONS.at(-1)}`,
      process.version,
    ])
      expect(tells({ text, headers: {} })).not.toEqual([]);
    expect(tells({ text: '', headers: { server: 'hono' } })).not.toEqual([]);
    expect(tells({ text: '', headers: Object.fromEntries(makeAnswers(true).json({}).headers) })).toEqual([]);
  });
});

describe('what scanners look for', () => {
  it('is not there: no debugging, no files, no metrics, no other documentation (ASVS V13.4.2, V13.4.5)', async () => {
    for (const path of PROBES)
      for (const method of ['GET', 'POST', 'HEAD']) {
        const { status } = await fetch(url + path, { method });
        expect([path, method, status]).toEqual([path, method, 404]);
      }
    // Nor is a route that a look over the list below would not know.
    const others = everyRoute(harness.service).filter(({ path }) => !path.startsWith('/v1/'));
    expect(new Set(others.map(({ path }) => path))).toEqual(
      new Set(['/verify', '/reset', '/unlock', '/healthz', '/readyz', '/openapi.json']),
    );
  });

  it('is told no more in a header that asks for it (ASVS V13.4.2)', async () => {
    const asking = {
      'x-debug': '1',
      'x-forwarded-debug': 'true',
      cookie: 'XDEBUG_SESSION=1',
      'x-trace': 'on',
    };
    for (const path of ['/v1/me', '/v1/me?debug=1', '/verify?debug=true', '/nothing?trace'])
      expect(await (await fetch(url + path, { headers: asking })).text()).toBe(
        await (await fetch(url + path)).text(),
      );
  });
});

describe('the document of the API, which is public', () => {
  it('says what is in the source, and nothing of this installation or of the console (ASVS V13.4.5)', async () => {
    const ofConsole = Object.entries<Operation>(OPERATIONS).filter(([, { role }]) => role === 'console');
    expect(ofConsole.length).toBeGreaterThan(0);
    await harness.staff();
    const text = await (await fetch(`${url}/openapi.json`)).text();
    expect(text).toBe(JSON.stringify(openApi('http://127.0.0.1:7227')));
    for (const [, { path }] of ofConsole) expect(text).not.toContain(path);
    expect(text).not.toContain('"dev"');
  });
});
