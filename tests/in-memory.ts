import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** With the process that made it. */
const FOLDER = /^okpay-tests-(\d+)-/;
const NEEDED_BYTES = 2 ** 31;

let folder: string | undefined;

/**
 * Runs once, before all tests: what they write lies in one folder in memory, where there is room for it. A commit waits
 * for the disk otherwise, thousands of them for nothing: what survives a power cut is not what these tests can show.
 */
export function setup(): void {
  const place = placeInMemory();
  for (const name of readdirSync(place)) {
    const maker = FOLDER.exec(name)?.[1];
    // Left by a run that was killed.
    if (maker !== undefined && !isAlive(Number(maker))) remove(join(place, name));
  }
  folder = mkdtempSync(join(place, `okpay-tests-${process.pid}-`));
  // A server that runs as somebody else goes through it, and sees what is its own.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  if (folder !== undefined) remove(folder);
}

/** Memory that looks like a disk, where it has room and programs may be started from it; otherwise the usual place. */
export function placeInMemory(): string {
  const place = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize > NEEDED_BYTES && startsPrograms(place) ? place : tmpdir();
  } catch {
    return tmpdir();
  }
}

function startsPrograms(place: string): boolean {
  const own = mkdtempSync(join(place, 'okpay-tried-'));
  try {
    const program = join(own, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    return spawnSync(program).status === 0;
  } finally {
    remove(own);
  }
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
