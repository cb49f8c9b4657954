import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../../../src/core/contract/refusals.ts';
import { openEngine } from '../../../../src/service/store/engine/open.ts';
import { openPostgres } from '../../../../src/service/store/engine/postgres/open.ts';
import { POSTGRES_STEPS } from '../../../../src/service/store/engine/postgres/schema.ts';
import { readPostgresUrl } from '../../../../src/service/store/engine/postgres/url.ts';
import { startPostgres, type PostgresServer } from '../../../postgres.ts';
import { bareDatabase, dropDatabase, newDatabase, sharedPostgres } from '../../../shared-postgres.ts';

const refusalOf = async (work: () => unknown): Promise<Refusal> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('not refused');
};

describe('a URL', () => {
  test('says hosts, user, password, database and what shall be shown', () => {
    const address = readPostgresUrl(
      'postgresql://o%40k:p%3Aw@one:5433,[::1],127.0.0.1/the%20book?pool_size=3',
    );
    expect(address).toMatchObject({
      user: 'o@k',
      password: 'p:w',
      database: 'the book',
      poolSize: 3,
      place: 'postgres://one:5433,[::1]:5432,127.0.0.1:5432/the book',
    });
    expect(address.hosts.map(({ host, port, ssl }) => [host, port, ssl !== false])).toEqual([
      ['one', 5433, true],
      ['::1', 5432, false],
      ['127.0.0.1', 5432, false],
    ]);
  });

  test('may leave out everything, and name the folder of a socket', () => {
    expect(readPostgresUrl('postgres://').hosts).toEqual([{ host: 'localhost', port: 5432, ssl: false }]);
    expect(readPostgresUrl('postgres:///okpay?host=/run/postgresql&user=me&port=6432')).toMatchObject({
      hosts: [{ host: '/run/postgresql', port: 6432, ssl: false }],
      user: 'me',
      database: 'okpay',
    });
  });

  test.each([
    ['postgres://db.example.com/okpay', { rejectUnauthorized: true, minVersion: 'TLSv1.2' }],
    [
      'postgres://db.example.com/okpay?sslmode=verify-full',
      { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    ],
    ['postgres://127.0.0.1/okpay?sslmode=verify-full', { rejectUnauthorized: true, minVersion: 'TLSv1.2' }],
    ['postgres://127.0.0.1/okpay?sslmode=disable', false],
  ])('%s checks who answers unless it is this machine', (url, ssl) => {
    expect(readPostgresUrl(url).hosts[0].ssl).toEqual(ssl);
  });

  test.each([
    'postgres://db.example.com/okpay?sslmode=disable',
    'postgres://db.example.com/okpay?sslmode=require',
    'postgres://db.example.com/okpay?sslmode=prefer',
    'postgres://db.example.com/okpay?sslmode=verify-ca',
    'postgres://db.example.com/okpay?sslmode=no-verify',
    'postgres://127.0.0.1,db.example.com/okpay?sslmode=disable',
    'postgres://127.0.0.1/okpay?sslmode=require',
    'postgres://127.0.0.1/okpay?sslrootcert=/nowhere&sslmode=verify-full',
    'postgres://127.0.0.1/okpay?options=-csearch_path=x',
    'postgres://127.0.0.1/okpay?pool_size=0',
    'postgres://127.0.0.1:99999/okpay',
    'postgres://a b:c/okpay',
    'postgres://%zz@127.0.0.1/okpay',
    'postgres:okpay',
    'mysql://127.0.0.1/okpay',
  ])('%s is refused', async (url) => {
    const secret = url.replace('://', '://me:hunter2@');
    for (const each of [url, secret]) {
      const refusal = await refusalOf(() => openEngine(each));
      expect([refusal.code, refusal.facts['field']]).toEqual(['input_invalid', 'OKPAY_DATABASE_URL']);
      expect(refusal.message).not.toContain('hunter2');
    }
  });
});

describe('a database', () => {
  test('gets its tables once, however many nodes open it at once', async () => {
    const url = await bareDatabase();
    const engines = await Promise.all(Array.from({ length: 6 }, () => openPostgres({ url })));
    expect(await engines[0]?.all('SELECT one, version FROM okpay_schema')).toEqual([
      { one: 1n, version: BigInt(POSTGRES_STEPS.length) },
    ]);
    await Promise.all(engines.map((engine) => engine.close()));
    await dropDatabase(url);
  });

  test('of a newer version is left alone', async () => {
    const url = await newDatabase();
    const engine = await openPostgres({ url });
    await engine.transact((tx) => tx.run('UPDATE okpay_schema SET version = 99'));
    await engine.close();
    expect(await refusalOf(() => openPostgres({ url }))).toMatchObject({
      code: 'database_newer',
      facts: { found: '99', known: String(POSTGRES_STEPS.length) },
    });
    await dropDatabase(url);
  });

  test('of another program is left as it was', async () => {
    const url = await bareDatabase();
    const { default: pg } = await import('pg');
    const { pathname, searchParams } = new URL(url);
    const client = new pg.Client({
      host: searchParams.get('host') ?? '',
      user: 'okpay',
      database: pathname.slice(1),
    });
    await client.connect();
    await client.query('CREATE TABLE accounts (id TEXT)');
    expect(await refusalOf(() => openPostgres({ url }))).toMatchObject({ code: 'database_damaged' });
    const { rows } = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    expect(rows).toEqual([{ tablename: 'accounts' }]);
    await client.end();
    await dropDatabase(url);
  });

  test('that is not in UTF-8 is refused', async () => {
    const { ask, url, dropDatabase: drop } = await sharedPostgres();
    const name = `latin_${process.pid}`;
    await ask(`CREATE DATABASE ${name} ENCODING 'LATIN1' TEMPLATE template0`);
    expect(await refusalOf(() => openPostgres({ url: url(name) }))).toMatchObject({ code: 'input_invalid' });
    await drop(name);
  });

  test('that does not exist, or lets nobody in, or is not there, is unreachable, and says why', async () => {
    const { url } = await sharedPostgres();
    const missing = await refusalOf(() => openPostgres({ url: url('missing') }));
    expect([missing.code, missing.message]).toEqual([
      'service_unreachable',
      expect.stringContaining('database "missing" does not exist'),
    ]);
    const stranger = await refusalOf(() =>
      openPostgres({ url: url('postgres').replace('user=okpay', 'user=me') }),
    );
    expect(stranger.message).toContain('role "me" does not exist');
    for (const [place, why] of [
      ['127.0.0.1:9', 'connect ECONNREFUSED 127.0.0.1:9'],
      ['localhost:9', 'connect ECONNREFUSED 127.0.0.1:9'],
      ['db.invalid', 'db.invalid'],
    ]) {
      const nowhere = await refusalOf(() => openPostgres({ url: `postgres://me:secret@${place}/okpay` }));
      expect(nowhere).toMatchObject({ code: 'service_unreachable', status: 503, exitCode: 11 });
      expect(nowhere.message).toContain(why);
      expect(nowhere.message).not.toContain('secret');
    }
  });

  test('that is lost later does not answer; where it was is not for those who call (ASVS V16.5.1)', async () => {
    const { ask } = await sharedPostgres();
    const url = await newDatabase();
    const name = new URL(url).pathname.slice(1);
    const engine = await openPostgres({ url });
    await ask(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await ask('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    const said = { code: 'service_unreachable', facts: { reason: 'The database does not answer.' } };
    expect(await refusalOf(() => engine.all('SELECT 1'))).toMatchObject(said);
    expect(
      await refusalOf(() =>
        engine.post(({ load }) => load({ accounts: [], keys: [], guards: [], holds: [] })),
      ),
    ).toMatchObject(said);
    // The control: whoever opens it is told.
    expect((await refusalOf(() => openPostgres({ url }))).message).toContain(name);
    await engine.close();
    await dropDatabase(url);
  });

  test('is found on the next host when the first is not there', async () => {
    const url = await newDatabase();
    const { searchParams } = new URL(url);
    const engine = await openPostgres({
      url: url.replace(/host=[^&]+/, `host=${encodeURIComponent(`/nowhere,${searchParams.get('host')}`)}`),
    });
    expect(await engine.one('SELECT 1 AS one')).toEqual({ one: 1n });
    await engine.close();
    await dropDatabase(url);
  });
});

describe('values', () => {
  test('come back as they went in, every integer as a bigint, as on SQLite', async () => {
    const url = await newDatabase();
    const engine = await openPostgres({ url });
    const nasty = `'"\\{},NULL ${'ß'.repeat(3)} \u{1f600} \t\n ? $1 --`;
    const insert = 'INSERT INTO outbox (id, kind, payload, run_at, attempts) VALUES (?, ?, ?, ?, ?)';
    await engine.transact((tx) => tx.run(insert, ['evt_?', nasty, 'NULL', '', 2n ** 63n - 1n]));
    expect(
      await engine.all(
        `SELECT id, kind, payload, run_at, attempts, attempts > 1 AS many, '?' AS mark FROM outbox
      WHERE kind = ?`,
        [nasty],
      ),
    ).toEqual([
      {
        id: 'evt_?',
        kind: nasty,
        payload: 'NULL',
        run_at: '',
        attempts: 2n ** 63n - 1n,
        many: 1n,
        mark: '?',
      },
    ]);
    expect(
      await engine.one(
        'SELECT SUM(attempts) AS sum, COUNT(*) AS count, MAX(lease_until) AS none FROM outbox',
      ),
    ).toEqual({ sum: 2n ** 63n - 1n, count: 1n, none: null });
    await expect(engine.one('SELECT ?', [1.5])).rejects.toThrow(TypeError);
    await expect(engine.one('SELECT ?', [new Date() as unknown as string])).rejects.toThrow(TypeError);
    await engine.close();
    await dropDatabase(url);
  });

  test('of a ledger batch come back as they went in', async () => {
    const url = await newDatabase();
    const engine = await openPostgres({ url });
    const reasons = [`'"\\{},NULL`, 'NULL', '', ' ', 'ß\u{1f600}\t\n', '{a,b}', '\\', '"', "''"];
    await engine.post(async (store) => {
      await store.load({ accounts: [], keys: [], guards: [], holds: [] });
      const account = {
        id: 1n,
        name: 'a',
        currency: 'EUR',
        floor: null,
        balance: 0n,
        held: 0n,
        entries: 0n,
      } as const;
      await store.write({
        opened: [{ draft: { ...account, kind: 'x', owner: null }, row: { ...account } }],
        keys: reasons.map((key, at) => ({
          owner: key,
          key,
          fingerprint: key,
          id: `k${at}`,
          refusal: key,
          at: key,
        })),
        transfers: [],
        entries: [],
        accounts: [],
        holdsMade: [],
        holdsResolved: [],
        guards: reasons.map((name, at) => ({ name, value: BigInt(at) - 2n ** 62n, by: name })),
        events: reasons.map((text, at) => ({ id: `e${at}`, kind: text, payload: text, runAt: text })),
      });
    });
    const back = await engine.post(async (store) =>
      store.load({
        accounts: ['a'],
        keys: reasons.map((key) => ({ key, owner: key })),
        guards: reasons,
        holds: [],
      }),
    );
    expect(back.accounts).toEqual([
      {
        id: 1n,
        name: 'a',
        currency: 'EUR',
        floor: null,
        balance: 0n,
        held: 0n,
        entries: 0n,
        watched: 1n,
        closed: 0n,
      },
    ]);
    const byId = [...back.keys].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(
      byId.map(({ key, owner, fingerprint, refusal, at }) => new Set([key, owner, fingerprint, refusal, at])),
    ).toEqual(reasons.map((reason) => new Set([reason])));
    expect(new Map(back.guards.map(({ name, value }) => [name, value]))).toEqual(
      new Map(reasons.map((name, at) => [name, BigInt(at) - 2n ** 62n])),
    );
    await engine.close();
    await dropDatabase(url);
  });
});

const openssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!openssl)('TLS (ASVS V12.3.1, V12.3.2)', () => {
  let folder: string;
  let server: PostgresServer;
  const port = 20_000 + (process.pid % 20_000);
  const url = (host: string, more = '') =>
    `postgres://okpay@${host}:${port}/postgres?sslmode=verify-full&sslrootcert=${folder}/authority.crt${more}`;
  const run = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const makeAuthority = (name: string) =>
    run(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'okpay-tls-'));
    chmodSync(folder, 0o755);
    makeAuthority('authority');
    makeAuthority('stranger');
    run(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      'server.key',
      '-out',
      'server.csr',
    );
    writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost');
    run(
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'authority.crt',
      '-CAkey',
      'authority.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
      '-out',
      'server.crt',
    );
    const keys = join(folder, 'keys');
    mkdirSync(keys, { mode: 0o755 });
    server = await startPostgres({
      settings: {
        listen_addresses: '127.0.0.1',
        port: String(port),
        ssl: 'on',
        ssl_cert_file: join(folder, 'server.crt'),
        ssl_key_file: join(folder, 'server.key'),
      },
      prepare: (data) => {
        const { uid, gid } = statSync(data);
        chmodSync(join(folder, 'server.key'), 0o600);
        chownSync(join(folder, 'server.key'), uid, gid);
      },
    });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test('with a certificate of the authority for this name is used', async () => {
    const engine = await openPostgres({ url: url('localhost') });
    const found = await engine.one('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(found).toEqual({ ssl: 1n });
    await engine.close();
  });

  test.each([
    ['for another name', () => url('127.0.0.1')],
    ['of an authority nobody named', () => url('localhost').replace('authority.crt', 'stranger.crt')],
    ['of no authority the system knows', () => url('localhost').replace(/&sslrootcert=[^&]*/, '')],
  ])('with a certificate %s is refused, and nothing is told to whoever answered', async (_what, make) => {
    const refusal = await refusalOf(() => openPostgres({ url: make() }));
    expect([refusal.code, refusal.message]).toEqual([
      'service_unreachable',
      expect.stringContaining('certificate is not accepted'),
    ]);
  });
});
