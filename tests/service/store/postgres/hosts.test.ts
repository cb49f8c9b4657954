import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Refusal } from '../../../../src/core/contract/refusals.ts';
import { openFailureOf } from '../../../../src/service/store/engine/postgres/failures.ts';
import { makeHosts, type Led } from '../../../../src/service/store/engine/postgres/hosts.ts';

const away = () => Promise.reject(new Refusal('service_unreachable', { reason: 'It is away.' }));
const connection = (leadsTo: number) => {
  const led: Led & { isCut: boolean } = { leadsTo, isCut: false, cut: () => (led.isCut = true) };
  return led;
};

test('each host is tried once, beginning with the one that was good last', async () => {
  const hosts = makeHosts(3);
  const tried: number[] = [];
  const tryHost = (good: number) => async () => {
    tried.push(hosts.current());
    return hosts.current() === good ? good : away();
  };
  expect(await hosts.onAny(tryHost(2))).toBe(2);
  expect(await hosts.onAny(tryHost(2))).toBe(2);
  await expect(hosts.onAny(tryHost(9))).rejects.toMatchObject({ code: 'service_unreachable' });
  expect(tried).toEqual([0, 1, 2, 2, 2, 0, 1]);
});

/** Connects to a name that has two addresses, where nobody listens: it fails once for each. */
async function connectToBoth(): Promise<never> {
  const socket = connect({
    host: 'both.invalid',
    port: 9,
    lookup: (_name, _options, found) =>
      found(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]),
  });
  await once(socket, 'connect');
  throw new Error('somebody listens');
}

test('a host none of whose addresses answers is followed by the next, and each is named to whoever opens', async () => {
  const hosts = makeHosts(2);
  expect(await hosts.onAny(async () => (hosts.current() === 1 ? 1 : connectToBoth()))).toBe(1);
  const failure = await makeHosts(1)
    .onAny(connectToBoth)
    .catch((error: unknown) => openFailureOf(error));
  expect(failure).toMatchObject({
    code: 'service_unreachable',
    facts: {
      reason:
        'The database does not answer: connect ECONNREFUSED 127.0.0.1:9, connect ECONNREFUSED 127.0.0.2:9.',
    },
  });
});

test('what is no matter of the host ends the search', async () => {
  const hosts = makeHosts(2);
  await expect(hosts.onAny(() => Promise.reject(new Refusal('busy')))).rejects.toMatchObject({
    code: 'busy',
  });
  expect(hosts.current()).toBe(0);
});

test('when another host takes writes, connections to the one before are cut, and new ones not used', async () => {
  const hosts = makeHosts(2);
  const old = [connection(0), connection(0)];
  const ended = connection(0);
  expect([...old, ended].map((each) => hosts.accept(each))).toEqual([true, true, true]);
  hosts.ended(ended);
  await hosts.onAny(async () => (hosts.current() === 1 ? 1 : away()));
  const fresh = connection(1);
  expect(hosts.accept(fresh)).toBe(true);
  expect([...old, ended, fresh].map(({ isCut }) => isCut)).toEqual([true, true, false, false]);
  // The old one answers again, on a connection that was being made all the while.
  expect(hosts.accept(connection(0))).toBe(false);
  expect(fresh.isCut).toBe(false);
});

test('when the new one goes away too, the old one may be it again', async () => {
  const hosts = makeHosts(2);
  hosts.accept(connection(0));
  await hosts.onAny(async () => (hosts.current() === 1 ? 1 : away()));
  const second = connection(1);
  hosts.accept(second);
  await hosts.onAny(async () => (hosts.current() === 0 ? 0 : away()));
  expect(hosts.accept(connection(0))).toBe(true);
  expect(second.isCut).toBe(true);
});
