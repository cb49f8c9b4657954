import { expect, test } from 'vitest';
import { killServer } from '../soak/kill-serve.ts';

const KILLS = Number(process.env['OKPAY_KILLS'] ?? 10);

test(`okpay serve killed ${KILLS} times under load loses and doubles nothing that it acknowledged`, async () => {
  const report = await killServer({ kills: KILLS, senders: 8, seed: 20_261_123 });
  expect(report.damage).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(KILLS * 3);
}, 240_000);

test('positive control: with the idempotency row written outside the transaction the checker finds the damage', async () => {
  const report = await killServer({
    kills: 6,
    senders: 16,
    seed: 7,
    server: ['tests/soak/faulty-server.ts'],
  });
  expect(report.damage).not.toEqual([]);
}, 120_000);
