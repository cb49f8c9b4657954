import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

/** The one PostgreSQL that all test files share, started when it is first asked for. Without fsync. */
export async function sharedPostgres(): Promise<PostgresAccess> {
  const answer = await text(connect(inject('postgres')));
  if (answer.startsWith('!')) throw new Error(answer);
  return connectTo(answer);
}

let count = 0;

/** A new database on it, without rows; gives its URL. */
export async function newDatabase(): Promise<string> {
  return (await sharedPostgres()).createDatabase(`test_${process.pid}_${++count}`, TEMPLATE);
}

/** Lets go of a database that `newDatabase` made. */
export async function dropDatabase(url: string): Promise<void> {
  await (await sharedPostgres()).dropDatabase(new URL(url).pathname.slice(1));
}
