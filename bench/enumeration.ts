/**
 * Whether it can be told from how long an answer takes if an address has an account: registering, logging in and asking
 * for a new password or to be unlocked, over HTTP and with passwords hashed at their real cost, 200 times each for an address that is known
 * and one that is not, in turns. The database is in memory, so that the disk's moods hide nothing. Prints the medians and
 * their ratio: `npm run bench:enumeration`, or `node bench/enumeration.ts [tries]`. Takes a minute.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openService } from '../src/service/app.ts';
import { serve } from '../src/service/http/serve.ts';
import { machine, median, record, round } from './results.ts';

const MOST_APART = 0.05;
const KNOWN = 'known@example.com';
const UNKNOWN = 'nobody@example.com';
const PASSWORD = 'seven ravens over the old mill';
/** The clock jumps ahead before each pair: nobody has to wait at a door, and registrations do not pile up. */
const JUMP_MS = 25 * 3_600_000;
const REST_MS = 25;

const tries = Number(process.argv[2] ?? 200);
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const folder = mkdtempSync(join(inMemory, 'okpay-enumeration-'));
const outbox = join(folder, 'outbox');
let jumpedMs = 0;
const service = await openService({
  databaseUrl: `sqlite:${join(folder, 'okpay.db')}`,
  outboxDirectory: outbox,
  publicUrl: 'http://127.0.0.1:7227',
  now: () => Date.now() + jumpedMs,
});
const server = await serve(service, {
  host: '127.0.0.1',
  port: 0,
  publicUrl: 'http://127.0.0.1:7227',
  behindProxy: false,
});

const post = async (path: string, body: object): Promise<{ status: number; ms: number; text: string }> => {
  const from = performance.now();
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, ms: performance.now() - from, text };
};

const ASKED: readonly (readonly [
  name: string,
  status: number,
  ask: (email: string) => ReturnType<typeof post>,
])[] = [
  ['register', 200, (email) => post('/v1/registrations', { email, displayName: 'Eve', password: PASSWORD })],
  ['login', 401, (email) => post('/v1/sessions', { email, password: 'not the right password' })],
  ['reset', 200, (email) => post('/v1/password-resets', { email })],
  ['unlock', 200, (email) => post('/v1/unlocks', { email })],
];

try {
  await openAccount();
  console.log(`${machine()}; ${tries} tries of each`);
  const figures: Record<string, object> = {};
  let worst = 0;
  for (const [name, status, ask] of ASKED) {
    const took = { known: [] as number[], unknown: [] as number[] };
    for (let at = -20; at < tries; at++) {
      jumpedMs += JUMP_MS;
      // A hundred wrong passwords in a row close the door, however long it is between them.
      await service.deps.engine.transact((tx) => tx.run('DELETE FROM throttles'));
      const pair = ['known', 'unknown'] as const;
      for (const which of at % 2 === 0 ? pair : pair.toReversed()) {
        await settle();
        const answer = await ask(which === 'known' ? KNOWN : UNKNOWN);
        if (answer.status !== status) throw new Error(`${name}: ${answer.status} ${answer.text}`);
        // The first ones warm up.
        if (at >= 0) took[which].push(answer.ms);
      }
    }
    const [known, unknown] = [median(took.known), median(took.unknown)];
    const apart = known / unknown - 1;
    worst = Math.max(worst, Math.abs(apart));
    figures[name] = { knownMs: round(known), unknownMs: round(unknown), ratio: round(known / unknown, 3) };
    console.log(
      `${name.padEnd(9)} known ${known.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms: ratio ${(known / unknown).toFixed(3)}`,
    );
  }
  record('enumeration', { tries, ...figures, mostApart: MOST_APART });
  console.log(worst < MOST_APART ? 'They cannot be told apart.' : `More than ${MOST_APART * 100} % apart.`);
  if (worst >= MOST_APART) process.exitCode = 1;
} finally {
  await server.stop();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
}

async function openAccount(): Promise<void> {
  const { text } = await post('/v1/registrations', {
    email: KNOWN,
    displayName: 'Known',
    password: PASSWORD,
  });
  const { registration } = JSON.parse(text) as { registration: string };
  await settle();
  const mail = readdirSync(outbox)
    .map((name) => readFileSync(join(outbox, name), 'utf8'))
    .join('\n');
  const code = /okpay verify (\S+)/.exec(mail)?.[1] ?? '';
  const { status } = await post(`/v1/registrations/${registration}/verification`, { code });
  if (status !== 200) throw new Error('the account was not opened');
}

/** Waits until the mails of the last answer are out, and a little longer, so that they do not slow the next. */
async function settle(): Promise<void> {
  for (;;) {
    const waiting = await service.deps.engine.one<{ count: bigint }>('SELECT COUNT(*) AS count FROM outbox');
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    if (waiting?.count === 0n) return;
  }
}
