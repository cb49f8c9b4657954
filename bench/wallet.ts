import { join } from 'node:path';
import { makePrivateFolder } from '../src/core/places.ts';
import { openService } from '../src/service/app.ts';
import { clearingAccount, holderAccount } from '../src/service/ledger/accounts.ts';

/** A password nobody has. */
export const PASSWORD = 'seven tangerines under a ladder';

/** Makes a wallet in `home` with one holder who has money in two currencies. Gives their address. */
export async function makeWallet(home: string): Promise<string> {
  makePrivateFolder(home);
  const service = await openService({
    databaseUrl: `sqlite:${join(home, 'okpay.db')}`,
    outboxDirectory: join(home, 'outbox'),
    publicUrl: 'http://127.0.0.1:7227',
  });
  const email = 'ada@example.com';
  const input = { email, displayName: 'Ada Lovelace', password: PASSWORD };
  const answer = await service.perform({ operation: 'bootstrap-staff', input }, { console: true });
  const { id: user } = (answer as { output: { id: string } }).output;
  for (const currency of ['EUR', 'JPY'] as const) {
    const from = clearingAccount('BENCH', currency);
    const to = holderAccount(user, currency);
    await service.deps.poster.post({
      id: service.deps.newId('transfer'),
      initiator: 'system:bench',
      key: { owner: 'system:bench', key: currency, fingerprint: '' },
      transfer: { kind: 'deposit', from, to, paid: 1_250n, fee: 0n, received: 1_250n },
      entries: [
        { account: from, amount: -1_250n },
        { account: to, amount: 1_250n },
      ],
    });
  }
  await service.close();
  return email;
}
