import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ServeOptions } from '../src/commands/context.ts';
import { runCommand } from './commands/run-command.ts';

const ROOT = join(import.meta.dirname, '..');
const unit = readFileSync(join(ROOT, 'deploy', 'okpay.service'), 'utf8');
const dockerfile = readFileSync(join(ROOT, 'deploy', 'Dockerfile'), 'utf8');

/** How `okpay serve` listens when it is started with these words. */
async function serveOptions(words: readonly string[]): Promise<ServeOptions | undefined> {
  let options: ServeOptions | undefined;
  const environment = { OKPAY_PUBLIC_URL: 'https://pay.example.com' };
  const { exitCode } = await runCommand(words, { environment, onServe: (asked) => (options = asked) });
  expect(exitCode).toBe(0);
  return options;
}

describe('the unit for systemd', () => {
  test('starts okpay with flags it takes', async () => {
    const [program, ...words] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    expect(program).toBe('/usr/local/bin/okpay');
    expect(await serveOptions(words)).toMatchObject({
      host: '127.0.0.1',
      behindProxy: true,
      metrics: { host: '127.0.0.1', port: 9464 },
    });
  });

  test('has systemd start it again when it ended itself', () => {
    // It ends with 1 then: tests/journeys/ending.test.ts.
    expect(unit).toMatch(/^Restart=on-failure$/m);
  });

  test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('is one that systemd reads without a word', () => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-unit-'));
    const path = join(folder, 'okpay.service');
    const verify = (text: string) => {
      writeFileSync(path, text);
      const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
      return stdout + stderr;
    };
    // What it starts must be there: it is not, where the tests run.
    const installed = unit.replace('ExecStart=/usr/local/bin/okpay', `ExecStart=${process.execPath}`);
    expect(verify(installed)).toBe('');
    expect(verify(installed.replace('ProtectSystem=', 'ProtectSytem='))).toContain('ProtectSytem');
    rmSync(folder, { recursive: true });
  });
});

describe('the container', () => {
  const words = (instruction: string) =>
    JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(dockerfile)?.[1] ?? '[]') as string[];

  test('starts okpay with flags it takes, as nobody special', async () => {
    expect(words('ENTRYPOINT')).toEqual(['okpay']);
    expect(await serveOptions(words('CMD'))).toMatchObject({
      host: '0.0.0.0',
      port: 7227,
      behindProxy: true,
    });
    expect(dockerfile).toMatch(/^USER [1-9]\d+:[1-9]\d+$/m);
  });

  test('knows whether it lives', async () => {
    const [, check = ''] = /CMD \["node", "-e", "(.*)"\]$/m.exec(dockerfile) ?? [];
    let status = 200;
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const script = check.replace(':7227', `:${(server.address() as AddressInfo).port}`);
    const ask = () =>
      new Promise<number | null>((resolve) => {
        spawn(process.execPath, ['-e', script]).once('exit', resolve);
      });
    expect(await ask()).toBe(0);
    status = 503;
    expect(await ask()).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(await ask()).toBe(1);
  });

  test('is built from what is committed and needed, and from nothing else', () => {
    const ignore = readFileSync(join(ROOT, 'deploy', 'Dockerfile.dockerignore'), 'utf8')
      .trim()
      .split('\n');
    expect(ignore[0]).toBe('*');
    const kept = ignore.slice(1).map((line) => line.slice(1));
    const committed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
    for (const path of kept)
      expect(
        committed.some((file) => file === path || file.startsWith(`${path}/`)),
        path,
      ).toBe(true);
  });
});
