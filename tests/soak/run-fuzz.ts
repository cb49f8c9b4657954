/**
 * The full run: `npm run test:fuzz -- [--requests 100000] [--engine sqlite|postgres] [--seed N]`, some minutes. It prints
 * what it found and how far the requests got, ends by itself, and exits 1 when anything was not as the document says.
 */
import { parseArgs } from 'node:util';
import { openHarness, type EngineUnderTest } from '../harness.ts';
import { startPostgres } from '../postgres.ts';
import { fuzz } from './fuzz.ts';
import { MISSING, readNaughty } from './fuzz/naughty.ts';
import { describeEndings } from './fuzz/tally.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    engine: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];
console.log(`${requests} requests from our own OpenAPI document on ${values.engine}, seed ${seed}${MISSING}`);
const server = values.engine === 'postgres' ? await startPostgres() : undefined;
const engine: EngineUnderTest | undefined = server && {
  name: 'postgres',
  makeUrl: () => server.createDatabase('okpay'),
  discard: async () => undefined,
};
try {
  const harness = await openHarness(engine ? { engine } : {});
  const report = await fuzz({ harness, requests, seed, naughty: readNaughty(), say: console.log });
  await harness.close();
  for (const [name, endings] of Object.entries(report.operations))
    console.log(describeEndings(name, endings));
  const { classes, sent, faults } = report;
  console.log(`${sent} requests, ${JSON.stringify(classes)}, ${faults.length} faults, seed ${seed}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await server?.stop();
}
