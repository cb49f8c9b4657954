/**
 * The full run: `npm run test:nodes -- [seconds] [nodes] [senders] [seed]`, three nodes for 60 seconds by default. It
 * prints what it did, ends by itself, and exits 1 when anything was lost, doubled or changed.
 */
import { startPostgres } from '../postgres.ts';
import { killNodes } from './nodes.ts';

const [seconds = 60, nodes = 3, senders = 16, seed = Date.now() % 1_000_000] = process.argv
  .slice(2)
  .map(Number);
console.log(`${nodes} nodes on one PostgreSQL, ${senders} senders, ${seconds} s, seed ${seed}`);
const server = await startPostgres({ fsync: true });
try {
  const databaseUrl = await server.createDatabase('okpay');
  const report = await killNodes({ databaseUrl, seconds, nodes, senders, seed, say: console.log });
  console.log(JSON.stringify(report, undefined, 2));
  process.exitCode = report.damage.length === 0 ? 0 : 1;
} finally {
  await server.stop();
}
