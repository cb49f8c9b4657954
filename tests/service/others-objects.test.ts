import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OPERATIONS, type Operation, type OperationName } from '../../src/core/contract/operations.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../harness.ts';
import { fund, money, newKey } from './money/wallet.ts';

/** Things of one holder, one of each kind that a call can name. */
type Things = Readonly<
  Record<
    | 'session'
    | 'device'
    | 'token'
    | 'change'
    | 'code'
    | 'case'
    | 'quote'
    | 'transfer'
    | 'intent'
    | 'payee'
    | 'account'
    | 'withdrawal'
    | 'withdrawalQuote',
    string
  >
>;
/** The input that names a thing; a key goes with it where the operation takes one. */
type Naming = (things: Things) => object;

/** Every operation of holders: how it names a thing of somebody's, or why it names none. */
const OPERATIONS_OF_HOLDERS: Readonly<Partial<Record<OperationName, Naming | string>>> = {
  'get-quote': ({ quote }) => ({ quote }),
  'get-transfer': ({ transfer }) => ({ transfer }),
  explain: ({ transfer: id }) => ({ id }),
  'get-intent': ({ intent: key }) => ({ key }),
  'get-case': (things) => ({ case: things.case }),
  'reply-to-case': (things) => ({ case: things.case, text: 'More of it' }),
  'create-transfer': ({ quote }) => ({ quote }),
  'create-transfers': ({ quote }) => ({ transfers: [{ quote, key: newKey() }] }),
  'remove-bank-account': ({ account }) => ({ account }),
  'get-withdrawal': ({ withdrawal }) => ({ withdrawal }),
  'cancel-withdrawal': ({ withdrawal }) => ({ withdrawal }),
  'create-withdrawal': ({ withdrawalQuote: quote }) => ({ quote }),
  'list-bank-accounts': 'lists one’s own',
  'list-withdrawals': 'lists one’s own; a cursor is a place in time',
  'list-bank-requirements': 'lists what holds for everybody',
  'add-bank-account': 'adds one of one’s own',
  'delete-payee': ({ payee }) => ({ payee }),
  'revoke-token': ({ token: name }) => ({ name }),
  'abandon-intent': ({ intent: key }) => ({ key }),
  'revoke-session': ({ session }) => ({ session }),
  'forget-device': ({ device }) => ({ device }),
  'confirm-email': ({ change, code }) => ({ change, code }),
  'log-out': 'ends the session it is called in',
  'list-sessions': 'lists one’s own',
  'revoke-other-sessions': 'ends one’s own',
  'create-token': 'makes one of one’s own; payees are found as in create-quote',
  'list-tokens': 'lists one’s own',
  'get-me': 'tells of oneself',
  'list-activity': 'lists one’s own; a cursor is a place in time',
  prove: 'proves who oneself is',
  'get-second-factor': 'tells of one’s own',
  'begin-second-factor': 'is about one’s own',
  'enable-second-factor': 'is about one’s own',
  'disable-second-factor': 'is about one’s own',
  'replace-recovery-codes': 'is about one’s own',
  'set-confirmation-limit': 'is about one’s own',
  'change-password': 'is about one’s own',
  'change-email': 'is about one’s own',
  'open-case': 'opens one of one’s own',
  'list-cases': 'lists one’s own; a cursor is a place in time',
  'list-balances': 'lists one’s own',
  'list-fees': 'lists what holds for everybody',
  'create-quote': 'names whom to pay, by an address or a payee of one’s own',
  'list-transfers': 'lists one’s own; a cursor is a place in time',
  'create-payee': 'names whom to save, by an address',
  'list-payees': 'lists one’s own',
  'get-deposit-instructions': 'tells of one’s own',
};

const ROWS = Object.entries(OPERATIONS_OF_HOLDERS) as [OperationName, Naming | string][];
const NAMING = ROWS.filter((row): row is [OperationName, Naming] => typeof row[1] !== 'string');

describe('things of others (ASVS V8.2.2): every operation of holders, own and others’', () => {
  test('none is left out', () => {
    const holders = Object.entries<Operation>(OPERATIONS).filter(([, { role }]) => role === 'holder');
    expect(holders.map(([name]) => name).sort()).toEqual(ROWS.map(([name]) => name).sort());
  });

  eachEngine((engine) => {
    let harness: Harness;
    let alice: Holder;
    let bob: Holder;
    let admin: Holder;
    beforeEach(async () => {
      harness = await openHarness({ engine });
      [alice, bob, admin] = [
        await harness.holder('alice'),
        await harness.holder('bob'),
        await harness.staff(),
      ];
      await fund(harness, alice, '100');
      await fund(harness, bob, '100');
    });
    afterEach(() => harness.close());

    /** How a call ends, without what it was told: the same for two things that cannot be told apart. */
    const ends = async (who: Holder, name: OperationName, input: object): Promise<string> => {
      const call = { operation: name, input, key: 'key-of-this-call', token: who.token };
      const ending = await harness.service.perform(call, { console: false }).then(
        (answer) => ('output' in answer ? answer.output : 'text'),
        (error: unknown) =>
          error instanceof Refusal
            ? { code: error.code, facts: error.facts, text: error.message }
            : String(error),
      );
      let text = JSON.stringify(ending);
      for (const told of Object.values(input).flat())
        for (const each of typeof told === 'object' ? Object.values(told as object) : [told])
          text = text.replaceAll(String(each), '…');
      // An abandoned key gets an id of its own.
      text = text.replaceAll(/"instance":"[^"]+"/g, '');
      return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then');
    };

    test.each(NAMING)(
      '%s: somebody else’s is as one that never was, and one’s own is there',
      async (name, naming) => {
        const things = await thingsOf(harness, alice, bob);
        const none = unlike(things);
        for (const stranger of [bob, admin]) {
          const other = await ends(stranger, name, naming(things));
          expect(other).toBe(await ends(stranger, name, naming(none)));
          expect(other).not.toContain(alice.id);
          expect(other).not.toContain(alice.email);
        }
        const own = await ends(alice, name, naming(things));
        expect(own).not.toBe(await ends(alice, name, naming(none)));
        expect(own).not.toMatch(/"code":"(?!intent_done)/);
      },
    );
  });
});

/** One of each, of a holder who pays another one. */
async function thingsOf(harness: Harness, owner: Holder, other: Holder): Promise<Things> {
  const { client } = owner;
  const amount = money('1.00 EUR');
  const elsewhere = await harness.call('log-in', { email: owner.email, password: PASSWORD });
  const device = (await client.call('list-sessions', {})).devices.find(({ current }) => !current)?.id ?? '';
  const { token } = await client.call('create-token', { name: 'of-the-owner', scopes: ['read'] });
  const { change } = await client.call('change-email', { email: 'moved@example.com' });
  const { code = '' } = await harness.nextMail('moved@example.com', 'change-email');
  const opened = await client.call('open-case', { title: 'Help', text: 'Where is it?' });
  const intent = newKey();
  const { id: transfer } = await client.call('create-transfer', { to: other.email, amount }, { key: intent });
  const { id: quote } = await client.call('create-quote', { to: other.email, amount });
  const { id: payee } = await client.call('create-payee', { name: 'Friend', to: other.email });
  return {
    session: elsewhere.session,
    device,
    token: token.id,
    change,
    code,
    case: opened.id,
    quote,
    // A payment that the other one did not get: a deposit of the owner's.
    transfer: (await client.call('list-transfers', { kind: 'deposit' })).transfers[0]?.id ?? transfer,
    intent,
    payee,
    ...(await payoutOf(harness, owner)),
  };
}

/** A bank account that can be used at once, a withdrawal to it, and a quote for another one. */
async function payoutOf(
  harness: Harness,
  { client }: Holder,
): Promise<Pick<Things, 'account' | 'withdrawal' | 'withdrawalQuote'>> {
  const admin = await harness.staff();
  await admin.client.call('set-withdrawal-rules', { coolOffHours: 0 });
  const { id: account } = await client.call('add-bank-account', { fields: { iban: 'NL91ABNA0417164300' } });
  const quote = () => client.call('create-quote', { bankAccount: account, amount: money('1.00 EUR') });
  const { id: withdrawal } = await client.call(
    'create-withdrawal',
    { quote: (await quote()).id },
    { key: newKey() },
  );
  return { account, withdrawal, withdrawalQuote: (await quote()).id };
}

/** Things of the same kinds that never were; a code stays what it is. */
function unlike(things: Things): Things {
  const changed = Object.entries(things).map(([kind, id]) => [
    kind,
    kind === 'code' ? id : id.includes('_') ? `${id.slice(0, 4)}${'0'.repeat(26)}` : `${id}-none`,
  ]);
  return Object.fromEntries(changed) as Things;
}
