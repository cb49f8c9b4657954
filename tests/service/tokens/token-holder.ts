import { OkpayClient } from '../../../src/core/client.ts';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import type { Service } from '../../../src/service/app.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { tokenHashOf } from '../../../src/service/identity/authenticate.ts';
import { insertSession } from '../../../src/service/store/sessions.ts';
import type { Harness, Holder } from '../../harness.ts';

export type Asked = Partial<Input<'create-token'>>;
export type Made = Output<'create-token'> & { readonly client: OkpayClient };

let made = 0;

/** Makes a token of a holder and a client that calls by it, over the network from `address` when one is given. */
export async function tokenOf(
  harness: Harness,
  holder: Pick<Holder, 'client'>,
  asked: Asked = {},
  address?: string,
): Promise<Made> {
  const answer = await holder.client.call('create-token', {
    name: `token ${(made += 1)}`,
    scopes: ['read', 'pay'],
    ...asked,
  });
  return { ...answer, client: clientAt(harness.service, answer.secret, address) };
}

/** A client of a service by a token, from this machine's console unless an address is given. */
export function clientAt(service: Service, token: string, address?: string): OkpayClient {
  const caller = address === undefined ? { console: true } : { console: false, address };
  return new OkpayClient(
    { place: 'test', call: (call) => service.perform(call, caller), close: async () => undefined },
    token,
  );
}

/** `100 EUR` a day, as the contract has it. */
export function cap(per: 'payment' | 'day' | 'month', text: string): NonNullable<Asked['caps']>[number] {
  const [amount = '', currency = ''] = text.split(' ');
  return { per, most: { amount, currency } };
}

/** A session of somebody that began a moment ago, with a second factor when it is said. */
export async function sessionWith(
  harness: Harness,
  holder: Holder,
  { withFactor }: { withFactor: boolean },
): Promise<Holder> {
  const { deps } = harness.service;
  const token = `okp_session-of-${holder.id}-${deps.newId('session')}`;
  await deps.engine.transact((tx) =>
    insertSession(tx, {
      id: deps.newId('session'),
      userId: holder.id,
      tokenHash: tokenHashOf(token),
      device: 'test',
      createdAt: timestamp(deps.now()),
      expiresAt: timestamp(deps.now() + 86_400_000 * 30),
      withFactor,
    }),
  );
  return { ...holder, token, client: harness.client(token) };
}
