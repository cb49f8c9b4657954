/**
 * A server with one guarantee switched off: the idempotency row is written after the money, in a transaction of its
 * own. It exists to show that the checker of payments.ts can see the damage. Started with OKPAY_HOME set, and
 * OKPAY_DATABASE_URL for another database than a file in it.
 */
import { join } from 'node:path';
import { openService } from '../../src/service/app.ts';
import { serve } from '../../src/service/http/serve.ts';
import { openEngine } from '../../src/service/store/engine/open.ts';
import type { KeyRow, LedgerChanges } from '../../src/service/store/engine/ledger-store.ts';

const home = process.env['OKPAY_HOME'] ?? '';
const NOTHING: LedgerChanges = {
  opened: [],
  keys: [],
  transfers: [],
  entries: [],
  accounts: [],
  holdsMade: [],
  holdsResolved: [],
  guards: [],
  events: [],
};

const service = await openService({
  databaseUrl: process.env['OKPAY_DATABASE_URL'] ?? `sqlite:${join(home, 'okpay.db')}`,
  outboxDirectory: join(home, 'outbox'),
  publicUrl: 'http://127.0.0.1',
  open: async (url) => {
    const engine = await openEngine(url);
    return {
      ...engine,
      post: async (work) => {
        let late: readonly KeyRow[] = [];
        const result = await engine.post((store) =>
          work({
            ...store,
            write: (changes) => {
              late = changes.keys;
              return store.write({ ...changes, keys: [] });
            },
          }),
        );
        await new Promise((resolve) => setTimeout(resolve, 10));
        await engine.post(async (store) => {
          await store.load({ accounts: [], keys: [], guards: [], holds: [] });
          await store.write({ ...NOTHING, keys: late });
        });
        return result;
      },
    };
  },
});
const server = await serve(service, {
  host: '127.0.0.1',
  port: 0,
  publicUrl: 'http://127.0.0.1',
  behindProxy: false,
});
process.stderr.write(`${server.url}\n`);
process.on('SIGTERM', () => {
  void server.stop().then(() => service.close());
});
