import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { formatMinor, parseAmount } from '../../../src/core/money.ts';
import type { Log } from '../../../src/service/deps.ts';
import { writePayments } from '../../../src/service/rails/write-payments.ts';
import type { Harness, Holder } from '../../harness.ts';
import { performWith, type Poster } from '../money/wallet.ts';
import { pieces } from './bank-day.ts';

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type World = {
  readonly harness: Harness;
  readonly staff: Holder;
  /** Deposit references of holders. */
  readonly references: readonly string[];
  /** Put in the place of the service's own, for the control. */
  readonly poster?: Poster;
};

type Played = Output<'play-bank'>;
type Fault = NonNullable<Input<'play-bank'>['faults']>[number];

export const FAULTS: readonly Fault[] = [
  'delay',
  'reject',
  'partial',
  'return',
  'duplicate',
  'truncate',
  'wrong-sum',
  'late',
  'lose',
];
/** That a machine dies on purpose is no news. */
export const SILENT: Log = { info: () => undefined, error: () => undefined };

/** What makes a file that must be refused. */
export const BROKEN = /-(truncated|wrong-sum)\.xml$/;

/**
 * Plays one random history of a bank account: deposits, orders, every fault in any mixture, files that are imported late, twice,
 * out of order, never, or cut off by a dying machine. At its end all files but the lost ones are imported. Answers what is wrong
 * then, as sentences; none when the bank and the book stand as they must, to the cent.
 */
export async function playHistory(world: World, seed: number): Promise<string[]> {
  const random = randomOf(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const chance = (share: number) => random() < share;
  const { harness, staff, references } = world;
  const account = `DE02${String(seed).padStart(18, '0')}`;
  const wrong: string[] = [];
  const inbox: { name: string; xml: string }[] = [];
  const files: string[] = [];
  let state: Played['state'] | undefined;
  let lost = 0n;
  let day = Date.parse('2026-03-02');
  let orders = 0;

  const balance = () => signed(state?.accounts[0]?.balance ?? '0.00');
  const play = async (given: Partial<Input<'play-bank'>>, faults: readonly Fault[]) => {
    const before = balance();
    const played = await harness.call('play-bank', {
      ...given,
      account,
      faults: [...faults],
      day: new Date(day).toISOString().slice(0, 10),
      ...(state ? { state } : {}),
    });
    state = played.state;
    if (faults.includes('lose')) lost += balance() - before;
    for (const { kind, name, xml } of played.files) if (kind === 'statement') inbox.push({ name, xml });
  };
  const deposit = () => ({
    reference: chance(0.7) ? (references[pick(references.length)] ?? '') : `Invoice ${pick(3)}`,
    amount: { amount: formatMinor(BigInt(1 + pick(5_000)), 'EUR'), currency: 'EUR' },
  });
  const order = () => {
    const payments = Array.from({ length: 1 + pick(3) }, (_, at) => ({
      endToEndId: `E${seed}-${orders}-${at}`,
      amount: BigInt(1 + pick(2_000)),
      creditorName: 'Payee',
      account: { iban: 'DE21500500009876543210' },
      isSepa: true,
    }));
    orders += 1;
    const xml = [
      ...writePayments({
        version: chance(0.5) ? 'pain.001.001.09' : 'pain.001.001.03',
        messageId: `M${seed}-${orders}`,
        created: new Date(day),
        executeOn: new Date(day).toISOString().slice(0, 10),
        debtor: { name: 'OKpay', iban: account },
        currency: 'EUR',
        payments,
      }),
    ].join('');
    return { name: 'order.xml', xml };
  };
  const importOne = async ({ name, xml }: { name: string; xml: string }) => {
    let isBooked = false;
    try {
      const body = pieces(xml, 4_096);
      const parts = world.poster
        ? { poster: world.poster }
        : chance(0.1)
          ? { poster: dying(world, pick(3)) }
          : undefined;
      if (parts)
        await performWith(harness, { ...parts, log: SILENT })(staff, {
          operation: 'import-statement',
          input: {},
          body,
        });
      else await staff.client.call('import-statement', {}, { body });
      isBooked = true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // A machine that died: somebody imports it again later.
      if (error.code === 'unexpected') inbox.push({ name, xml });
      else if (error.code !== 'statement_invalid' || !BROKEN.test(name))
        wrong.push(`${name} was refused: ${error.message}`);
    }
    if (isBooked && BROKEN.test(name)) wrong.push(`${name} was booked, broken as it is`);
    if (isBooked) files.push(xml);
  };
  const importSome = async (share: number) => {
    for (let left = inbox.length; left > 0; left--) {
      if (!chance(share)) continue;
      const [file] = inbox.splice(pick(inbox.length), 1);
      if (file) await importOne(file);
      const again = files[pick(files.length)];
      if (again !== undefined && chance(0.2)) await importOne({ name: 'again.xml', xml: again });
    }
  };

  // From its first statement on the account is known: what is lost before it, no bank would tell of either.
  await play({ credits: [deposit()] }, []);
  for (let steps = 2 + pick(6); steps > 0; steps--) {
    day += pick(3) * 86_400_000;
    const faults = FAULTS.filter(() => chance(0.15));
    await play(
      {
        credits: Array.from({ length: pick(4) }, deposit),
        orders: Array.from({ length: chance(0.4) ? 1 : 0 }, order),
      },
      faults,
    );
    await importSome(0.6);
  }
  // What waits is paid, returned and sent; the last statement arrives.
  for (let rest = 0; rest < 3; rest++) {
    day += 86_400_000;
    await play({ credits: [deposit()] }, []);
  }
  while (inbox.length > 0) await importSome(1);

  wrong.push(...(await asTheBankSays(staff, { account, balance: balance(), lost })));
  return wrong.map((each) => `history ${seed}: ${each}`);
}

/**
 * What is wrong between a bank and the book, as sentences, when all statements have come in but those that moved `lost` in all,
 * in minor units: none when the book has all but that, and says so itself, with nothing else open.
 */
export async function asTheBankSays(
  staff: Holder,
  { account, balance, lost }: { account: string; balance: bigint; lost: bigint },
): Promise<string[]> {
  const wrong: string[] = [];
  const { accounts } = await staff.client.call('reconcile', { account });
  const [found] = accounts;
  const say = (minor: bigint) => formatMinor(minor, 'EUR');
  const gaps = (found?.parts ?? []).reduce(
    (sum, { kind, amount }) => (kind === 'gap' ? sum + signed(amount) : sum),
    0n,
  );
  const others = (found?.parts ?? []).filter(({ kind }) => kind !== 'gap');
  if (found?.bank !== say(balance)) wrong.push(`the bank has ${say(balance)}, and ${found?.bank} was told`);
  if (found?.ours !== say(balance - lost))
    wrong.push(`the book has ${found?.ours}, and ${say(balance - lost)} arrived`);
  if (gaps !== lost) wrong.push(`statements of ${say(lost)} were lost, and gaps of ${say(gaps)} were found`);
  if (others.length > 0)
    wrong.push(`nobody can explain ${others.map(({ kind, amount }) => `${kind} ${amount}`).join(', ')}`);
  return wrong;
}

/** A poster that dies after so many bookings. */
export function dying({ harness }: Pick<World, 'harness'>, after: number): Poster {
  const { poster } = harness.service.deps;
  let posts = 0;
  return {
    ...poster,
    post: (intent) =>
      posts++ < after
        ? poster.post(intent)
        : Promise.reject(new Error('the machine died, as the history wants')),
  };
}

/** A poster that books everything twice, under keys and guards of its own: what no history may let through. */
export function bookingTwice({ service }: Harness): Poster {
  const { poster } = service.deps;
  return {
    ...poster,
    post: async (intent) => {
      const outcome = await poster.post(intent);
      if (outcome.state === 'done' && !outcome.replayed && intent.transfer)
        await poster.post({
          ...intent,
          id: service.deps.newId('transfer'),
          key: { ...intent.key, key: `${intent.key.key} twice` },
          guards: (intent.guards ?? []).map((guard) =>
            guard.name.startsWith('entry:') ? { ...guard, name: `${guard.name} twice` } : guard,
          ),
          events: [],
        });
      return outcome;
    },
  };
}

/** An amount of euro in minor units, which may be less than nothing. */
export function signed(text: string): bigint {
  return text.startsWith('-') ? -parseAmount(text.slice(1), 'EUR').minor : parseAmount(text, 'EUR').minor;
}
