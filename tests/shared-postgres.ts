import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, Socket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { connectTo, startPostgres, type PostgresAccess, type PostgresServer } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The socket of whoever starts PostgreSQL when a test first needs it. */
    postgres: string;
  }
}

let folder: string;
let door: Server;
let started: Promise<PostgresServer> | undefined;

/** Runs once, before all tests, beside them. */
export function setup({ provide }: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'okpay-shared-'));
  const path = join(folder, 'postgres');
  door = createServer((asker) => {
    asker.on('error', () => undefined);
    started ??= start();
    started.then(
      (server) => asker.end(server.folder),
      (error: unknown) => asker.end(`! ${String(error)}`),
    );
  }).listen(path);
  provide('postgres', path);
}

/** Each database of a test is a copy of one that has the tables already: making them takes longer than some tests. */
const TEMPLATE = 'okpay_template';

async function start(): Promise<PostgresServer> {
  const server = await startPostgres({ settings: { autovacuum: 'off' } });
  const { openPostgres } = await import('../src/service/store/engine/postgres/open.ts');
  await (await openPostgres({ url: await server.createDatabase(TEMPLATE) })).close();
  return server;
}

export async function teardown(): Promise<void> {
  door.close();
  await (await started)?.stop();
  rmSync(folder, { recursive: true, force: true });
}

let access: Promise<PostgresAccess> | undefined;

/** The one PostgreSQL that all test files share, started when it is first asked for. Without fsync. */
export function sharedPostgres(): Promise<PostgresAccess> {
  return (access ??= reachShared());
}

async function reachShared(): Promise<PostgresAccess> {
  const answer = await text(connect(inject('postgres')));
  if (answer.startsWith('!')) throw new Error(answer);
  const { url, ask } = connectTo(answer);
  // Thousands of tests make a database: a new connection for each would take as long as making it.
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url('postgres'), stream: () => socket });
  await client.connect();
  socket.unref();
  return {
    url,
    ask,
    createDatabase: async (name, template = 'template1') => {
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
      return url(name);
    },
    dropDatabase: async (name) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** A new database on it, without rows; gives its URL. */
export async function newDatabase(): Promise<string> {
  return (await sharedPostgres()).createDatabase(newName(), TEMPLATE);
}

/** One without even tables. */
export async function bareDatabase(): Promise<string> {
  return (await sharedPostgres()).createDatabase(newName());
}

/** Nobody else's: ids of processes come again. */
function newName(): string {
  return `test_${randomBytes(8).toString('hex')}`;
}

/** What `dropDatabase` was given last, by a service that has just let go of it. */
let leaving: string | undefined;

/**
 * Lets go of either. It goes with the next one: as long as a process of the server still has
 * it open, and is only about to end, PostgreSQL looks again after a tenth of a second.
 */
export async function dropDatabase(url: string): Promise<void> {
  const { dropDatabase: drop } = await sharedPostgres();
  const left = leaving;
  leaving = new URL(url).pathname.slice(1);
  if (left !== undefined) await drop(left);
}
