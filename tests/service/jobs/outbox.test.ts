import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeIdMaker } from '../../../src/core/contract/ids.ts';
import { timestamp, type Deps } from '../../../src/service/deps.ts';
import { openKeyring } from '../../../src/service/identity/keyring.ts';
import { makePasswords } from '../../../src/service/identity/passwords.ts';
import { startJobs, type Jobs } from '../../../src/service/jobs/jobs.ts';
import { makePoster } from '../../../src/service/ledger/poster.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import { insertEvent, type OutboxRow } from '../../../src/service/store/outbox.ts';
import { insertUser } from '../../../src/service/store/users.ts';
import { eachEngine } from '../../harness.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');
const LATER = '2099-01-01T00:00:00.000Z';

eachEngine(({ makeUrl, discard }) => {
  let folder: string;
  let url: string;
  let deps: Deps;
  let nowMs: number;
  let errors: { event: string; code?: unknown }[];
  let jobs: Jobs | undefined;
  const closing: (() => unknown)[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'okpay-jobs-'));
    nowMs = START;
    errors = [];
    url = await makeUrl(folder);
    const engine = await openEngine(url);
    const now = () => nowMs;
    deps = {
      engine,
      poster: makePoster(engine, () => timestamp(nowMs)),
      passwords: makePasswords(),
      keyring: openKeyring(undefined),
      now,
      newId: makeIdMaker(now, randomBytes),
      random: randomBytes,
      log: { info: () => undefined, error: (event, fields) => void errors.push({ ...fields, event }) },
      nameCheck: undefined,
      publicUrl: 'https://pay.example.org',
    };
  });
  afterEach(async () => {
    await jobs?.stop();
    jobs = undefined;
    for (const close of closing.splice(0)) await close();
    await deps.engine.close();
    await discard(url);
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (smtpUrl?: string) => {
    jobs = startJobs(deps, { outboxDirectory: join(folder, 'outbox'), ...(smtpUrl ? { smtpUrl } : {}) });
    return jobs;
  };
  const files = () => {
    try {
      return readdirSync(join(folder, 'outbox'));
    } catch {
      return [];
    }
  };
  const rows = () =>
    deps.engine.all<OutboxRow>('SELECT id, kind, run_at AS "runAt", attempts FROM outbox ORDER BY id');
  const put = async (
    kind: string,
    payload: Record<string, string>,
    count = 1,
    email?: (at: number) => string,
  ) => {
    await deps.engine.transact(async (tx) => {
      for (let at = 0; at < count; at++) {
        const id = deps.newId(kind.startsWith('mail.') ? 'mail' : 'event');
        const full = email ? { ...payload, email: email(at) } : payload;
        await insertEvent(tx, { id, kind, payload: JSON.stringify(full), runAt: timestamp(nowMs) });
      }
    });
  };
  const verify = { email: 'alice@example.com', code: 'ABCD-EFGH', token: 'x'.repeat(32), expiresAt: LATER };
  const addUser = (notifyReceived: bigint) =>
    deps.engine.transact((tx) =>
      insertUser(tx, {
        id: 'usr_bob',
        email: 'bob@example.com',
        emailKey: 'bob@example.com',
        displayName: 'Bob',
        phone: null,
        passwordHash: '',
        role: null,
        depositReference: 'RF',
        notifyReceived,
        createdAt: '',
      }),
    );
  const received = {
    to: 'usr_bob',
    from: '',
    transfer: 'trf_x',
    at: timestamp(START),
    amount: '1.00',
    currency: 'EUR',
  };

  /** A mail server that answers each recipient as it is told to; gives what it took, in order. */
  async function openMailServer(
    answer: (recipient: string) => number | undefined = () => undefined,
    port = 0,
  ) {
    const taken: string[] = [];
    const tried: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onRcptTo: ({ address }, _session, done) => {
        tried.push(address);
        const responseCode = answer(address);
        done(responseCode === undefined ? null : Object.assign(new Error('no'), { responseCode }));
      },
      onData: (stream, session, done) => {
        stream.resume().on('end', () => {
          taken.push(session.envelope.rcptTo[0]?.address ?? '');
          done();
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
    closing.push(close);
    const at = (server.server.address() as AddressInfo).port;
    return { taken, tried, close, port: at, url: `smtp://127.0.0.1:${at}` };
  }

  describe('the worker', () => {
    it('does what is due, also what was left by a process that died, and deletes it', async () => {
      await put('mail.verify', verify, 3);
      start();
      await expect.poll(files).toHaveLength(3);
      await expect.poll(rows).toEqual([]);
    });

    it('looks again when it is woken, and leaves alone what is not due yet', async () => {
      start();
      await deps.engine.transact((tx) =>
        insertEvent(tx, {
          id: 'mal_late',
          kind: 'mail.verify',
          payload: JSON.stringify(verify),
          runAt: timestamp(nowMs + 1),
        }),
      );
      await put('mail.verify', verify);
      jobs?.wake();
      await expect.poll(files).toHaveLength(1);
      await expect.poll(async () => (await rows()).map(({ id }) => id)).toEqual(['mal_late']);
      nowMs += 1;
      jobs?.wake();
      await expect.poll(files).toHaveLength(2);
    });

    it('sends what somebody waits for first', async () => {
      const server = await openMailServer();
      await addUser(1n);
      await put('transfer.done', received, 300);
      await put('mail.verify', verify);
      start(server.url);
      await expect.poll(() => server.taken.length, { timeout: 10_000 }).toBe(301);
      expect(server.taken[0]).toBe('alice@example.com');
    });

    it('sends no code that has expired', async () => {
      await put('mail.verify', { ...verify, expiresAt: timestamp(START) });
      await put('mail.verify', { ...verify, expiresAt: timestamp(START + 1) });
      start();
      await expect.poll(rows).toEqual([]);
      expect(files()).toHaveLength(1);
    });

    it('puts a refused mail off, for longer each time, and goes on with the others', async () => {
      const server = await openMailServer((to) => (to === 'busy@example.com' ? 451 : undefined));
      await put('mail.verify', verify, 1, () => 'busy@example.com');
      await put('mail.verify', verify);
      start(server.url);
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 4; attempt++) {
        await expect
          .poll(async () => (await rows()).map(({ attempts }) => Number(attempts)))
          .toEqual([attempt]);
        const dueAt = Date.parse((await rows())[0]?.runAt ?? '');
        waits.push(dueAt - nowMs);
        nowMs = dueAt;
        jobs?.wake();
      }
      expect(waits).toEqual([5_000, 10_000, 20_000, 40_000]);
      expect(server.taken).toEqual(['alice@example.com']);
    });

    it('drops a mail that the server never will take', async () => {
      const server = await openMailServer((to) => (to === 'gone@example.com' ? 550 : undefined));
      await put('mail.verify', verify, 1, () => 'gone@example.com');
      start(server.url);
      await expect.poll(rows).toEqual([]);
      expect([server.tried, server.taken]).toEqual([['gone@example.com'], []]);
      expect(errors).toMatchObject([{ event: 'mail_failed', code: 'EENVELOPE' }]);
    });

    it('waits while the server is away, without trying each mail, and then sends all (ASVS V16.5.2)', async () => {
      const away = await openMailServer();
      await away.close();
      await put('mail.verify', verify, 20);
      start(away.url);
      await expect.poll(async () => (await rows()).every(({ attempts }) => attempts === 1n)).toBe(true);
      await put('mail.verify', verify);
      jobs?.wake();
      await new Promise((resolve) => setTimeout(resolve, 100));
      // The new one was not tried: the server is known to be away.
      expect((await rows()).filter(({ attempts }) => attempts === 0n)).toHaveLength(1);
      const back = await openMailServer(undefined, away.port);
      await jobs?.stop();
      nowMs += 60_000;
      start(back.url);
      await expect.poll(() => back.taken.length).toBe(21);
    });

    it('gives a mail up in the end', async () => {
      const server = await openMailServer(() => 451);
      await put('mail.verify', verify);
      await deps.engine.transact((tx) => tx.run('UPDATE outbox SET attempts = 15'));
      start(server.url);
      await expect.poll(rows).toEqual([]);
      expect(errors.map(({ event }) => event)).toEqual(['mail_failed', 'mail_given_up']);
    });

    it('lets go of a hold when its time has come, and not before', async () => {
      const account = {
        name: 'holder:usr_bob:EUR',
        kind: 'holder',
        owner: 'usr_bob',
        currency: 'EUR',
        floor: null,
      } as const;
      await deps.poster.post({
        id: 'trf_hold',
        initiator: 'usr_bob',
        key: { owner: 'usr_bob', key: 'hold', fingerprint: '' },
        entries: [],
        makeHolds: [{ id: 'hld_1', account, amount: 5n, reason: 'x', expiresAt: timestamp(nowMs + 1_500) }],
      });
      const state = async () => (await deps.engine.one<{ state: string }>('SELECT state FROM holds'))?.state;
      start();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await state()).toBe('pending');
      nowMs += 1_500;
      // Nobody wakes it: it knows itself when to look.
      await expect.poll(state, { timeout: 5_000 }).toBe('expired');
      expect(await deps.engine.one('SELECT held FROM accounts')).toEqual({ held: 0n });
    });

    it('does nothing once the process must not go on, and leaves it to the next', async () => {
      await put('mail.verify', verify);
      deps.engine.fuse.blow(new Error('test'));
      start().wake();
      await jobs?.stop();
      expect([files(), errors]).toEqual([[], []]);
      await deps.engine.close();
      deps = { ...deps, engine: await openEngine(url) };
      await start().stop();
      expect(files()).toHaveLength(1);
    });

    it('keeps what a newer version wrote', async () => {
      await put('hook.deliver', {});
      start();
      await expect.poll(async () => (await rows()).map(({ attempts }) => attempts)).toEqual([1n]);
      expect(errors).toEqual([]);
    });

    it('does not send a mail twice when the database fails in between', async () => {
      const server = await openMailServer();
      await put('mail.verify', verify);
      const { engine } = deps;
      let failures = 1;
      const failing: typeof engine = {
        ...engine,
        transact: async (work) => {
          if (failures-- > 0) throw new Error('disk full');
          return engine.transact(work);
        },
      };
      deps = { ...deps, engine: failing };
      start(server.url);
      await expect.poll(() => errors.map(({ event }) => event)).toEqual(['jobs_failed']);
      expect(await rows()).toHaveLength(1);
      await jobs?.stop();
      expect(await rows()).toEqual([]);
      expect(server.taken).toHaveLength(1);
    });

    it('clears ten thousand notices in a few transactions', async () => {
      await addUser(0n);
      await put('transfer.done', received, 10_000);
      let transactions = 0;
      const { engine } = deps;
      const counting: typeof engine = {
        ...engine,
        transact: (work) => ((transactions += 1), engine.transact(work)),
      };
      deps = { ...deps, engine: counting };
      start();
      await expect.poll(rows, { timeout: 10_000 }).toEqual([]);
      expect(transactions).toBe(50);
    });

    it.each([
      ['rests while money is posted', 1, 25],
      ['does not rest when none is', 0, 200],
    ])('%s', async (_what, depth, slice) => {
      await addUser(0n);
      await put('transfer.done', received, 800);
      const slow = 50;
      const times: { from: number; to: number; left: number }[] = [];
      const { engine } = deps;
      const timed: typeof engine = {
        ...engine,
        transact: async (work) => {
          const from = performance.now();
          const result = await engine.transact(work);
          await new Promise((resolve) => setTimeout(resolve, slow));
          times.push({ from, to: performance.now(), left: (await rows()).length });
          return result;
        },
      };
      deps = { ...deps, engine: timed, poster: { ...deps.poster, depth: () => depth } };
      start();
      await expect.poll(() => times.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
      const [first, second] = times;
      const restMs = (second?.from ?? 0) - (first?.to ?? 0);
      expect((first?.left ?? 0) - (second?.left ?? 0)).toBe(slice);
      // A slice took as long as its transaction at least; timers of Node may be a millisecond early.
      if (depth > 0) expect(restMs).toBeGreaterThanOrEqual(9 * slow - 1);
      else expect(restMs).toBeLessThan(9 * slow - 1);
    });

    it('is not held up by an event that makes no sense', async () => {
      const server = await openMailServer();
      await deps.engine.transact((tx) =>
        insertEvent(tx, { id: 'mal_0', kind: 'mail.verify', payload: 'no JSON', runAt: timestamp(nowMs) }),
      );
      start(server.url);
      await expect.poll(async () => (await rows()).map(({ attempts }) => attempts)).toEqual([1n]);
      await put('mail.verify', verify);
      jobs?.wake();
      await expect.poll(() => server.taken).toEqual(['alice@example.com']);
    });
  });

  describe('stopping', () => {
    it('does what is due first', async () => {
      start();
      await put('mail.verify', verify, 5);
      await jobs?.stop();
      expect(files()).toHaveLength(5);
      expect(await rows()).toEqual([]);
    });

    it('does not wait for a mail server that says nothing', async () => {
      const sockets: Socket[] = [];
      const silent: Server = createServer((socket) => void sockets.push(socket));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      closing.push(() => (sockets.forEach((socket) => socket.destroy()), silent.close()));
      await put('mail.verify', verify, 3);
      start(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`);
      const startedAt = performance.now();
      await jobs?.stop();
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      // Put off, so that the next short command does not wait for it again.
      expect((await rows()).map(({ attempts }) => attempts)).toEqual([1n, 1n, 1n]);
    });

    it('is not needed for a process to end', async () => {
      const root = join(import.meta.dirname, '../../..');
      const script = `
        import { openService } from '${root}/src/service/app.ts';
        await openService({
          databaseUrl: 'sqlite:${join(folder, 'other.db')}',
          outboxDirectory: '${join(folder, 'other')}',
          publicUrl: 'http://127.0.0.1:7227',
        });`;
      const { exitCode } = await execa(process.execPath, ['--input-type=module', '-e', script], {
        timeout: 10_000,
      });
      expect(exitCode).toBe(0);
    });
  });
});
