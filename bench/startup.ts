/**
 * How long short commands of the packed and installed okpay take, from outside and as a whole, as a multiple of
 * `node -e 0` in the same round. `npm run bench`, or `node bench/startup.ts [rounds]`.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { packAndInstall } from '../scripts/pack-and-install.ts';
import { machine, median, record, round } from './results.ts';
import { makeWallet, PASSWORD } from './wallet.ts';

type Case = { readonly name: string; readonly most: number; readonly words: string[]; readonly home: string };

const rounds = Number(process.argv[2] ?? 15);
const folder = mkdtempSync(join(tmpdir(), 'okpay-startup-'));
const { binary } = await packAndInstall(resolve(import.meta.dirname, '..'), folder);
const homes = { here: join(folder, 'here'), server: join(folder, 'server'), client: join(folder, 'client') };
const email = await makeWallet(homes.here);
await makeWallet(homes.server);
const server = execa(process.execPath, [binary, 'serve', '--port', '0', '--json', '--quiet'], {
  env: { OKPAY_HOME: homes.server },
});
try {
  const [printed] = (await once(server.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(printed.toString()) as { url: string };
  run(homes.here, ['login', '--email', email]);
  run(homes.client, ['login', '--email', email, '--url', url]);
  const cases: Case[] = [
    { name: '--version', most: 1.3, words: ['--version'], home: homes.client },
    { name: '--help', most: 1.8, words: ['--help'], home: homes.client },
    { name: 'balance over HTTP', most: 3, words: ['balance'], home: homes.client },
    { name: 'balance in-process', most: 3, words: ['balance'], home: homes.here },
  ];
  report(measure(cases));
} finally {
  server.kill('SIGTERM');
  await server.catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
}

/** The times of bare node and of each case, round by round: what disturbs the machine disturbs them alike. */
function measure(cases: readonly Case[]) {
  const bare: number[] = [];
  const times = cases.map((): number[] => []);
  for (let at = -3; at < rounds; at++) {
    const none = timed(() => spawnSync(process.execPath, ['-e', '0'], { env: {}, stdio: 'ignore' }));
    const taken = cases.map(({ home, words }) => timed(() => run(home, words)));
    if (at < 0) continue;
    bare.push(none);
    taken.forEach((ms, which) => times[which]?.push(ms));
  }
  return { bare, rows: cases.map((each, which) => ({ ...each, times: times[which] ?? [] })) };
}

function report({ bare, rows }: ReturnType<typeof measure>): void {
  console.log(`okpay, packed and installed; ${rounds} rounds on ${machine()}`);
  console.log(`bare node${' '.repeat(15)}${median(bare).toFixed(1)} ms`);
  const figures = rows.map(({ name, most, times }) => {
    const ratio = median(times.map((ms, at) => ms / (bare[at] ?? Number.NaN)));
    const verdict = ratio <= most ? 'ok' : 'TOO SLOW';
    console.log(
      `${name.padEnd(24)}${median(times).toFixed(1)} ms  ${ratio.toFixed(2)}x  (at most ${most}x: ${verdict})`,
    );
    return { name, ms: round(median(times), 1), timesBareNode: round(ratio), most };
  });
  record('startup', { rounds, bareNodeMs: round(median(bare), 1), commands: figures });
  if (figures.some(({ timesBareNode, most }) => timesBareNode > most)) process.exitCode = 1;
}

function run(home: string, words: readonly string[]): void {
  const env = { OKPAY_HOME: home, OKPAY_PASSWORD: PASSWORD };
  const { status, stderr } = spawnSync(process.execPath, [binary, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`okpay ${words.join(' ')} ended with ${status}: ${stderr.toString()}`);
}

function timed(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
