import { PAYMENT_VERSIONS, PAYMENTS_IN_ONE_FILE } from '../../src/service/rails/write-payments.ts';
import { hostilePayments, validate, whyNotValidated, writeAll } from '../service/rails/hostile-payments.ts';

/** `npm run test:payments -- [COUNT] [SEED]`: withdrawals to people with hostile names, in files that `xmllint` holds to the schemas. */
const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);

const missing = whyNotValidated();
if (missing !== undefined) {
  console.log(`Skipped: ${missing}.`);
} else {
  const payments = hostilePayments(count, seed);
  for (const version of PAYMENT_VERSIONS) {
    const started = performance.now();
    for (let at = 0; at < payments.length; at += PAYMENTS_IN_ONE_FILE) {
      const problem = validate(version, writeAll(version, payments.slice(at, at + PAYMENTS_IN_ONE_FILE)));
      if (problem !== undefined) throw new Error(`seed ${seed}: ${problem.slice(0, 2_000)}`);
    }
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(
      `${version}: ${count} payments with hostile names, valid (seed ${seed}, ${seconds} s with xmllint).`,
    );
  }
}
