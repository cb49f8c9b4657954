import { Client } from 'undici';
import { OPERATIONS, type Operation } from '../contract/operations.ts';
import type { Check } from '../maintenance.ts';
import { attempt, ok, problem, warning } from './attempt.ts';

/** How long a server may take to answer a question of the doctor's, in milliseconds. */
const PATIENCE_MS = 5_000;
/** How far its clock may be from ours, in milliseconds: its Date header has whole seconds. */
const SKEW_MS = 5_000;

type Reached = { status: number; text: string; date: string | undefined; tookMs: number };

/** Looks at the server at `url`, an origin: whether it lives, takes calls, speaks as we do and has the same time. */
export async function checkServer(url: string, now: () => number): Promise<Check[]> {
  const client = new Client(url, {
    allowH2: false,
    connectTimeout: PATIENCE_MS,
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
  });
  const ask = async (path: string): Promise<Reached> => {
    const startedAt = performance.now();
    const { statusCode, headers, body } = await client.request({ method: 'GET', path });
    const text = await body.text();
    const date = headers['date'];
    return {
      status: statusCode,
      text,
      date: typeof date === 'string' ? date : undefined,
      tookMs: Math.round(performance.now() - startedAt),
    };
  };
  try {
    const alive = await ask('/healthz').catch(
      (error: unknown) => (error as { code?: string }).code ?? 'no answer',
    );
    if (typeof alive === 'string')
      return attempt('server', () =>
        problem(
          `Nothing answers at ${url} (${alive}).`,
          'Check the address and that okpay serve runs there.',
        ),
      );
    if (alive.status !== 200 || !alive.text.includes('"alive"'))
      return attempt('server', () =>
        problem(`What answers at ${url} is not okpay (HTTP ${alive.status}).`, 'Check the address.'),
      );
    const checks = [
      attempt('server', async () => {
        const ready = await ask('/readyz');
        if (ready.status !== 200)
          return problem(
            `The server at ${url} lives and takes no calls (HTTP ${ready.status}).`,
            'Look at its log, and at its database.',
          );
        return checkTls(url) ?? ok(`The server at ${url} takes calls, and answered in ${ready.tookMs} ms.`);
      }),
      attempt('server version', async () => compareOperations((await ask('/openapi.json')).text)),
      attempt('server clock', () => compareClocks(alive.date, now())),
    ];
    return (await Promise.all(checks)).flat();
  } finally {
    await client.destroy();
  }
}

function checkTls(url: string) {
  const { protocol, hostname } = new URL(url);
  const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
  return protocol === 'https:' || isHere
    ? undefined
    : problem(`Everybody on the way to ${url} can read along.`, 'Use its https:// address.');
}

/** Compares calls, not version numbers: a server does not tell strangers its version (OWASP ASVS 5.0, V13.4.6). */
function compareOperations(document: string) {
  const { paths } = JSON.parse(document) as {
    paths: Record<string, Record<string, { operationId?: string }>>;
  };
  const theirs = new Set(
    Object.values(paths).flatMap((methods) => Object.values(methods).map((each) => each.operationId)),
  );
  const ours = Object.entries<Operation>(OPERATIONS).flatMap(([name, { role }]) =>
    role === 'console' ? [] : [name],
  );
  const missing = ours.filter((name) => !theirs.has(name));
  const added = [...theirs].filter((name) => name !== undefined && !ours.includes(name));
  if (missing.length > 0)
    return warning(
      `The server is older: it does not know ${missing.join(', ')}.`,
      'Update okpay on the server.',
    );
  if (added.length > 0)
    return warning(`The server is newer: it also knows ${added.join(', ')}.`, 'npm install -g okpay@latest');
  return ok(`The server knows the same ${ours.length} calls.`);
}

function compareClocks(date: string | undefined, nowMs: number) {
  const theirs = date === undefined ? NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return warning('The server does not say what time it is.');
  const apart = Math.abs(nowMs - theirs);
  return apart <= SKEW_MS
    ? ok('The server has the same time.')
    : warning(
        `The server's clock and this one are ${Math.round(apart / 1_000)} seconds apart.`,
        'Let both follow a time server (NTP).',
      );
}
