import { openSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../../src/service/app.ts';
import { serve, type Served } from '../../src/service/http/serve.ts';
import { intents } from '../commands/paying.ts';
import { openFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { killSend } from './kill-send.ts';
import { makeWallet, type Wallet } from './sender.ts';

const KILLS = Number(process.env['OKPAY_KILLS'] ?? 15);
const PAY = 'POST /v1/transfers';
const SEND = 'send bob@example.com 1 EUR --yes';

describe('okpay send, killed without warning and typed again until it ends well', () => {
  test(`pays once, ${KILLS} kills long, and leaves no intent`, async () => {
    const report = await killSend({ kills: KILLS, seed: 20_261_123 });
    expect(report).toMatchObject({ paid: report.wanted, left: [] });
    // The kills fell where it matters, and what they left was settled.
    expect(report.open).toBeGreaterThan(KILLS / 5);
    expect(report.settled).toBeGreaterThan(0);
  }, 240_000);

  test('positive control: without the journal the checker finds payments made twice', async () => {
    const report = await killSend({ kills: 60, seed: 7, forget: true, enough: 1 });
    expect(report.paid).toBeGreaterThan(report.wanted);
  }, 240_000);
});

describe('over a network that loses things', () => {
  let wallet: Wallet;
  let service: Service;
  let server: Served;
  let proxy: FaultProxy;
  let stop: () => Promise<void>;
  beforeEach(async () => {
    wallet = await makeWallet();
    service = await wallet.open();
    server = await serve(service, {
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1',
      behindProxy: false,
    });
    proxy = await openFaultProxy(server.url);
    let stopping: Promise<void> | undefined;
    stop = () =>
      (stopping ??= (async () => {
        await proxy.close();
        await server.stop();
        await service.close();
      })());
  });
  afterEach(async () => {
    await stop();
    wallet.remove();
  });

  const online = () => ({ OKPAY_URL: proxy.url });
  const run = (words: string) => wallet.run(words, online());
  const faulted = async () => {
    while (proxy.faults() === 0) await sleep(1);
  };
  /** Payments in the end: the server stops, for one process at a time works on the file. */
  const payments = async () => {
    await stop();
    return wallet.payments();
  };

  test('an answer that is lost once is asked for again by itself: exit 0, one payment', async () => {
    proxy.set({ on: PAY, does: 'cut-answer' }, 1);
    expect(await run(SEND)).toMatchObject({ code: 0 });
    expect(proxy.faults()).toBe(1);
    expect([intents(wallet.home), await payments()]).toEqual([[], 1]);
  });

  test('answers that stay lost: exit 10, and the same command settles it, one payment', async () => {
    proxy.set({ on: PAY, does: 'cut-answer' });
    const lost = await run(SEND);
    expect(lost).toMatchObject({ code: 10, stdout: '' });
    expect(lost.stderr).toContain('Next: okpay pending');
    expect(proxy.faults()).toBe(3);
    expect(await run('pending')).toMatchObject({ code: 10 });
    expect(await run('send carol@example.com 1 EUR --yes')).toMatchObject({ code: 10 });
    proxy.set(undefined);
    const settled = await run(`${SEND} --json`);
    expect(settled.code).toBe(0);
    expect(JSON.parse(settled.stdout)).toMatchObject({ state: 'done', fromEarlier: true });
    expect([intents(wallet.home), await payments()]).toEqual([[], 1]);
  });

  test('requests that never arrive: exit 10, and the same command pays, one payment', async () => {
    proxy.set({ on: PAY, does: 'cut-request' });
    expect(await run(SEND)).toMatchObject({ code: 10 });
    proxy.set(undefined);
    expect(await run(SEND)).toMatchObject({ code: 0 });
    expect([intents(wallet.home), await payments()]).toEqual([[], 1]);
  });

  test('a lost answer and then a server that turns away: still unknown, never “nothing happened”', async () => {
    proxy.set({ on: PAY, does: 'cut-answer' }, 1);
    const running = wallet.start(SEND, online());
    await faulted();
    const stopping = server.stop();
    expect(await running.ended).toMatchObject({ code: 10 });
    await stopping;
    expect([intents(wallet.home).length, await payments()]).toEqual([1, 1]);
  });

  test('no server at all: exit 11, nothing happened, nothing to settle', async () => {
    const { code, stderr } = await wallet.run(SEND, { OKPAY_URL: 'http://127.0.0.1:9' });
    expect([code, stderr.includes('Nothing happened.')]).toEqual([11, true]);
    expect([intents(wallet.home), await payments()]).toEqual([[], 0]);
  });

  test('an intent is for one service: at another one nothing is pending', async () => {
    proxy.set({ on: PAY, does: 'cut-answer' });
    expect(await run(SEND)).toMatchObject({ code: 10 });
    const direct = await wallet.run('pending', { OKPAY_URL: server.url });
    expect(direct).toMatchObject({ code: 0, stdout: 'Nothing is pending.\n' });
    expect(intents(wallet.home)).toHaveLength(1);
  });

  test('Ctrl-C before anything leaves: exit 130, no intent', async () => {
    proxy.set({ on: 'POST /v1/quotes', does: 'hang' });
    const running = wallet.start(SEND, online());
    await faulted();
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stdout: '' });
    expect([intents(wallet.home), await payments()]).toEqual([[], 0]);
  });

  test('Ctrl-C while the answer is out waits a moment and then says that it is not known: exit 10', async () => {
    proxy.set({ on: PAY, does: 'hang' });
    const running = wallet.start(SEND, online());
    await faulted();
    const pressed = Date.now();
    running.kill('SIGINT');
    await running.says('waiting a moment for the answer');
    expect(await running.ended).toMatchObject({ code: 10 });
    expect(Date.now() - pressed).toBeLessThan(9_000);
    proxy.set(undefined);
    expect(await run(SEND)).toMatchObject({ code: 0 });
    expect([intents(wallet.home), await payments()]).toEqual([[], 1]);
  });

  test('a second Ctrl-C ends at once, and the intent is kept', async () => {
    proxy.set({ on: PAY, does: 'hang' });
    const running = wallet.start(SEND, online());
    await faulted();
    running.kill('SIGTERM');
    await running.says('waiting a moment for the answer');
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(intents(wallet.home)).toHaveLength(1);
    proxy.set(undefined);
    expect(await run(SEND)).toMatchObject({ code: 0 });
    expect([intents(wallet.home), await payments()]).toEqual([[], 1]);
  });
});

test('an answer that could not be written is given by the next command, and nothing more is sent', async () => {
  const wallet = await makeWallet();
  try {
    const environment = {
      PATH: process.env['PATH'],
      OKPAY_HOME: wallet.home,
      OKPAY_TOKEN: wallet.tokenOf('alice'),
    };
    const words = [join(import.meta.dirname, '../../bin/okpay.js'), ...SEND.split(' ')];
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, words, {
      env: environment,
      stdio: ['ignore', full, 'pipe'],
    });
    expect(status).toBe(1);
    expect(stderr.toString()).toContain('The command was carried out, but its answer could not be written');
    expect(intents(wallet.home)).toHaveLength(1);
    expect(await wallet.run(SEND)).toMatchObject({ code: 0 });
    expect(await wallet.payments()).toBe(1);
  } finally {
    wallet.remove();
  }
});
