/**
 * The full run: `npm run test:soak -- [kills] [senders] [seed]`, 1,000 kills by default, about 15 minutes. It prints
 * what it did, ends by itself, and exits 1 when anything was lost, doubled or changed.
 */
import { killServer } from './kill-serve.ts';

const [kills = 1_000, senders = 16, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
console.log(`kill -9 of okpay serve: ${kills} kills, ${senders} senders, seed ${seed}`);
const report = await killServer({ kills, senders, seed, say: console.log });
console.log(JSON.stringify(report, undefined, 2));
process.exitCode = report.damage.length === 0 ? 0 : 1;
