import { expect, test } from 'vitest';
import { dropDatabase, newDatabase } from '../shared-postgres.ts';
import { killNodes } from '../soak/nodes.ts';

const SECONDS = Number(process.env['OKPAY_NODES_SECONDS'] ?? 4);

test(`three nodes killed and paused at random for ${SECONDS} s lose and double nothing`, async () => {
  const databaseUrl = await newDatabase();
  try {
    const report = await killNodes({
      databaseUrl,
      seconds: SECONDS,
      nodes: 3,
      senders: 12,
      seed: 20_261_123,
    });
    expect(report.damage).toEqual([]);
    expect(report.kills).toBeGreaterThan(0);
    expect(report.acknowledged).toBeGreaterThan(SECONDS * 5);
    expect(report.notices).toBeGreaterThan(0);
  } finally {
    await dropDatabase(databaseUrl);
  }
}, 180_000);

test('positive control: with the idempotency row written outside the transaction the checker finds the damage', async () => {
  const databaseUrl = await newDatabase();
  try {
    const report = await killNodes({
      databaseUrl,
      seconds: 3,
      nodes: 3,
      senders: 12,
      seed: 7,
      server: ['tests/soak/faulty-server.ts'],
    });
    expect(report.damage).not.toEqual([]);
  } finally {
    await dropDatabase(databaseUrl);
  }
}, 180_000);
