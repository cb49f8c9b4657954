import { expect } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { Refusal, type RefusalCode } from '../../../src/core/contract/refusals.ts';
import { parseAmount, type Currency } from '../../../src/core/money.ts';
import type { Call } from '../../../src/core/transport/transport.ts';
import { clearingAccount, holderAccount } from '../../../src/service/ledger/accounts.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { tokenHashOf } from '../../../src/service/identity/authenticate.ts';
import { makeDepositReference } from '../../../src/service/identity/deposit-reference.ts';
import { perform } from '../../../src/service/perform.ts';
import { insertSession } from '../../../src/service/store/sessions.ts';
import { insertUser } from '../../../src/service/store/users.ts';
import type { Harness, Holder } from '../../harness.ts';

export type Quote = Output<'create-quote'>;
export type Transfer = Output<'create-transfer'>;

/**
 * A holder or a member of staff, put into the database as registration and login would leave them, without their mails
 * and hashes: those are tested on their own, and here they would take most of the time.
 */
export async function person(harness: Harness, name: string, role: string | null = null): Promise<Holder> {
  const { deps } = harness.service;
  const [email, token] = [`${name}@example.com`, `token-of-${name}-${deps.newId('session')}`];
  const displayName = `${name.charAt(0).toUpperCase()}${name.slice(1)} Example`;
  const at = timestamp(deps.now());
  const user: Parameters<typeof insertUser>[1] = {
    id: deps.newId('user'),
    email,
    emailKey: email,
    displayName,
    phone: null,
    passwordHash: 'none',
    role,
    depositReference: makeDepositReference(deps.random),
    notifyReceived: 0n,
    createdAt: at,
  };
  await deps.engine.transact(async (tx) => {
    expect(await insertUser(tx, user)).toBe(true);
    await insertSession(tx, {
      id: deps.newId('session'),
      userId: user.id,
      tokenHash: tokenHashOf(token),
      device: 'test',
      createdAt: at,
      expiresAt: timestamp(deps.now() + 86_400_000 * 30),
      withFactor: role !== null,
    });
  });
  return { id: user.id, email, displayName, password: '', token, client: harness.client(token) };
}

/** Has the whole ledger derived again and expects it sound: the end of every test here. */
export async function audit(harness: Harness): Promise<void> {
  const { client } = await person(harness, `auditor${newKey()}`, 'viewer');
  const { sound, findings } = await client.call('verify-ledger', {});
  expect(findings).toEqual([]);
  expect(sound).toBe(true);
}

/** Puts money on a holder's account as a bank deposit does, without a statement around it. */
export async function fund(
  harness: Harness,
  holder: Pick<Holder, 'id'>,
  amount: string,
  currency: Currency = 'EUR',
): Promise<string> {
  const { minor } = parseAmount(amount, currency);
  const [bank, account] = [clearingAccount('TEST', currency), holderAccount(holder.id, currency)];
  const { deps } = harness.service;
  const id = deps.newId('transfer');
  const outcome = await deps.poster.post({
    id,
    initiator: 'system:test',
    key: { owner: 'system:test', key: id, fingerprint: `fund=${id}` },
    transfer: { kind: 'deposit', from: bank, to: account, paid: minor, fee: 0n, received: minor },
    entries: [
      { account: bank, amount: -minor },
      { account, amount: minor },
    ],
  });
  expect(outcome.state).toBe('done');
  return id;
}

/** Prices a payment of `amount`, such as `12.50 EUR`. */
export function quote(
  from: Holder,
  to: string,
  amount: string,
  feeFrom?: Input<'create-quote'>['feeFrom'],
): Promise<Quote> {
  return from.client.call('create-quote', {
    to,
    amount: money(amount),
    ...(feeFrom === undefined ? {} : { feeFrom }),
  });
}

let keys = 0;

/** A key that was not used before in this process. */
export function newKey(): string {
  return `test-key-${(keys += 1)}`;
}

/** Pays a quote under a key of its own, unless one is given. */
export function pay(
  from: Holder,
  { id }: { id: string },
  options: Omit<Input<'create-transfer'>, 'quote'> & { key?: string } = {},
): Promise<Transfer> {
  const { key = newKey(), ...input } = options;
  return from.client.call('create-transfer', { quote: id, ...input }, { key });
}

/** Prices and pays. */
export async function send(from: Holder, to: string, amount: string): Promise<Transfer> {
  return pay(from, await quote(from, to, amount));
}

/** `12.50 EUR` for the wire. */
export function money(text: string): { amount: string; currency: string } {
  const [amount = '', currency = ''] = text.split(' ');
  return { amount, currency };
}

/** `12.50 EUR` from the wire. */
export function say({ amount, currency }: { amount: string; currency: string }): string {
  return `${amount} ${currency}`;
}

/** The refusal a call ends with; fails when it is done, or ends with anything else. */
export async function refusalOf(call: Promise<unknown>, code?: RefusalCode): Promise<Refusal> {
  const error: unknown = await call.then(
    (output) => new Error(`was done: ${JSON.stringify(output)}`),
    (caught: unknown) => caught,
  );
  if (!(error instanceof Refusal)) throw error;
  if (code !== undefined) expect(error.code, error.message).toBe(code);
  return error;
}

/** What a refused call answers over HTTP, with the id that was asked for replaced: equal for what is equally unknown. */
export async function problemOf(call: Promise<unknown>, id: string): Promise<string> {
  return JSON.stringify((await refusalOf(call)).toProblem()).replaceAll(id, 'ID');
}

/** A holder's balance, such as `12.50 EUR`; a currency without an account is zero. */
export async function balanceOf(holder: Holder, currency: Currency = 'EUR'): Promise<string> {
  const { balances } = await holder.client.call('list-balances', {});
  const found = balances.find((each) => each.currency === currency);
  return found ? say(found.balance) : `0 ${currency}`;
}

const TABLES = [
  'users',
  'payees',
  'fee_rules',
  'quotes',
  'accounts',
  'transfers',
  'entries',
  'holds',
  'guards',
  'idempotency',
  'statements',
] as const;

/** Every row of everything that is about money, to see that a call changed none of it. Waits until events are done. */
export async function everything(harness: Harness): Promise<Record<string, unknown[]>> {
  const { engine } = harness.service.deps;
  const count = async () => (await engine.one<{ n: bigint }>('SELECT COUNT(*) AS n FROM outbox'))?.n;
  for (let tries = 0; (await count()) !== 0n && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const rows = await Promise.all(TABLES.map((table) => engine.all(`SELECT * FROM ${table}`)));
  return {
    ...Object.fromEntries(TABLES.map((table, at) => [table, rows[at] ?? []])),
    outbox: [await count()],
  };
}

/** Calls as a holder with some parts of the service replaced, for crashes and positive controls. */
export function performWith(
  harness: Harness,
  parts: Partial<Harness['service']['deps']>,
): (holder: Holder, call: Call) => Promise<unknown> {
  const deps = { ...harness.service.deps, ...parts };
  return async ({ token }, call) => {
    const answer = await perform(deps, { ...call, token }, { console: true });
    return 'output' in answer ? answer.output : answer;
  };
}

/** The service's own poster, which tests wrap. */
export type Poster = Harness['service']['deps']['poster'];

/** An object without some of its fields. */
export function without<T extends object, K extends keyof T>(object: T, ...fields: readonly K[]): Omit<T, K> {
  const rest = { ...object };
  for (const field of fields) delete rest[field];
  return rest;
}
