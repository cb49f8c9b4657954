import fc from 'fast-check';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { Refusal, type RefusalCode } from '../../../src/core/contract/refusals.ts';
import { formatMinor } from '../../../src/core/money.ts';
import { followWithdrawals } from '../../../src/service/jobs/follow-withdrawals.ts';
import { runApprovals } from '../../../src/service/jobs/run-approvals.ts';
import { balanceByName } from '../../../src/service/ledger/read.ts';
import { writePayments } from '../../../src/service/rails/write-payments.ts';
import type { Harness, Holder } from '../../harness.ts';
import { newKey, performWith, person, type Poster } from '../money/wallet.ts';
import { pieces, referenceOf } from './bank-day.ts';
import { asTheBankSays, BROKEN, dying, FAULTS, SILENT, signed } from './histories.ts';
import { Expected, type BankLine, type Item, type Payout } from './payout-model.ts';

type Played = Output<'play-bank'>;
type File = Played['files'][number];
type SuspenseItem = Output<'list-suspense'>['items'][number];

/** How many holders a history has. */
const HOLDERS = 2;
/** What each has at the beginning: enough for some withdrawals, and not for all. */
const FUNDED = 15_000n;
const AUTOMATIC = '30.00';
const CURRENCY = 'EUR';
const THEIR_IBAN = 'NL91ABNA0417164300';

const who = fc.nat(HOLDERS - 1);
const which = fc.nat(40);

/** Everything that can happen. What it is about is taken from what is there, so every list of steps is a history. */
export const aStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('withdraw'), who, cents: fc.integer({ min: 1, max: 6_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel'), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('decide'), which, approve: fc.boolean() }) },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('batch'), old: fc.boolean(), again: fc.boolean() }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('play'),
      days: fc.nat(2),
      faults: fc.uniqueArray(fc.constantFrom(...FAULTS), { maxLength: 3 }),
      credits: fc.array(fc.record({ to: fc.nat(HOLDERS), cents: fc.integer({ min: 1, max: 5_000 }) }), {
        maxLength: 2,
      }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('deliver'), which, dies: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deliver-again'), which, split: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restrict'),
      who,
      capability: fc.constantFrom(
        'receive' as const,
        'send' as const,
        'withdraw' as const,
        'withdraw' as const,
      ),
      inFlight: fc.constantFrom('freeze' as const, 'finish' as const, 'cancel' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lift'), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('assign'), which, who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('return'), which }) },
  // What no bank should do: pay once more, or what it has refused; bring back once more, or what it has not paid; or less.
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('err'),
      which,
      next: fc.constantFrom('pay' as const, 'return' as const),
      off: fc.constantFrom('whole' as const, 'more' as const, 'less' as const, 'penny' as const),
    }),
  },
);

const anySteps = fc.array(aStep, { minLength: 1, maxLength: 40, size: 'max' });

/** Histories: half of them long ones, and half with a liking for what is short, small and equal. */
export const someSteps = fc.oneof(fc.noBias(anySteps), anySteps);

export type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

type Act<Name> = Extract<Step, { do: Name }>;

/** What is put in the place of the service's own, for controls. */
export type Parts = { readonly poster?: Poster };

/** A poster that does not ask guards of one kind, such as `out:`: for controls. */
export function notAsking({ service }: Harness, kind: string): Poster {
  const { poster } = service.deps;
  return {
    ...poster,
    post: (intent) =>
      poster.post({
        ...intent,
        guards: (intent.guards ?? []).filter(({ name }) => !name.startsWith(kind)),
      }),
  };
}

/** A wallet, and those in it who do the same in every history. */
export type Wallet = {
  readonly harness: Harness;
  readonly support: Holder;
  readonly senior: Holder;
  readonly admin: Holder;
};

export async function openWallet(harness: Harness): Promise<Wallet> {
  const [support, senior, admin] = [
    await person(harness, `support${newKey()}`, 'support'),
    await person(harness, `senior${newKey()}`, 'senior'),
    await person(harness, `admin${newKey()}`, 'admin'),
  ];
  await admin.client.call('set-withdrawal-rules', {
    coolOffHours: 0,
    automatic: { amount: AUTOMATIC, currency: CURRENCY },
  });
  return { harness, support, senior, admin };
}

/** How a history ended. */
export type Ended = {
  /** What is not as the model says, as sentences. */
  readonly wrong: readonly string[];
  /** What became of each withdrawal and of each item in suspense, to see that histories come to everything there is. */
  readonly became: readonly string[];
};

/**
 * Plays one history of holders who withdraw, and of a bank that errs, in a bank account of its own. At its end all files but
 * the lost ones have been imported. Nothing is wrong when the books, each holder's balance, each hold, each withdrawal and each
 * item in suspense stand as they must, to the cent.
 */
export async function playPayouts(wallet: Wallet, steps: readonly Step[], parts: Parts = {}): Promise<Ended> {
  const history = await History.begin(wallet, parts);
  for (const step of steps) await history.take(step);
  await history.end();
  return { wrong: history.wrong, became: history.became() };
}

let histories = 0;

class History {
  readonly wrong: string[] = [];
  readonly #wallet: Wallet;
  readonly #parts: Parts;
  readonly #iban: string;
  readonly #holders: readonly Holder[];
  readonly #references: readonly string[];
  readonly #model: Expected;
  /** By the model's payouts. */
  readonly #ids = new Map<Payout, string>();
  readonly #restrictions: { who: number; id: string; at: Expected['restrictions'][number][number] }[] = [];
  /** Files for the bank, and all that it was ever given. */
  #orders: { name: string; xml: string }[] = [];
  readonly #given: { name: string; xml: string }[] = [];
  readonly #atBank: Payout[] = [];
  /** Files of the bank that have not come in, and those that have. */
  readonly #postbox: File[] = [];
  readonly #imported: File[] = [];
  #state: Played['state'] | undefined;
  #lost = 0n;
  #day = Date.parse('2026-03-02');
  #invoices = 0;
  #before = { suspense: 0n, fees: 0n, items: '' };

  private constructor(
    wallet: Wallet,
    parts: Parts,
    iban: string,
    holders: readonly Holder[],
    references: string[],
  ) {
    this.#wallet = wallet;
    this.#parts = parts;
    this.#iban = iban;
    this.#holders = holders;
    this.#references = references;
    this.#model = new Expected(references);
  }

  static async begin(wallet: Wallet, parts: Parts): Promise<History> {
    const { harness, admin } = wallet;
    const iban = ibanOf((histories += 1));
    await admin.client.call('add-own-account', { iban, currency: CURRENCY, name: 'Wallet GmbH' });
    const holders: Holder[] = [];
    const references: string[] = [];
    for (let at = 0; at < HOLDERS; at++) {
      const holder = await person(harness, `h${newKey()}`);
      await holder.client.call('add-bank-account', { fields: { iban: THEIR_IBAN }, currency: CURRENCY });
      holders.push(holder);
      references.push(await referenceOf(holder));
    }
    const history = new History(wallet, parts, iban, holders, references);
    const [newest] = (await wallet.support.client.call('list-suspense', { limit: 1 })).items;
    history.#before = {
      suspense: await history.#minorOf('suspense'),
      fees: await history.#minorOf('fees'),
      items: newest?.transfer ?? '',
    };
    await history.#play({
      credits: references.map((reference) => ({ reference, amount: money(FUNDED) })),
    });
    await history.#deliver(0);
    return history;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'withdraw':
        return this.#withdraw(step.who, BigInt(step.cents));
      case 'cancel':
        return this.#cancel(pickOf(this.#model.payouts, step.which));
      case 'decide':
        return this.#decide(step.which, step.approve);
      case 'batch':
        return this.#batch(step.old, step.again);
      case 'play': {
        this.#day += step.days * 86_400_000;
        const credits = step.credits.map(({ to, cents }) => ({
          reference: this.#references[to] ?? `Invoice ${(this.#invoices += 1)}`,
          amount: money(BigInt(cents)),
        }));
        return this.#play({ credits, faults: step.faults });
      }
      case 'deliver':
        return this.#deliver(step.which, step.dies);
      case 'deliver-again': {
        const file = pickOf(this.#imported, step.which);
        return file && this.#import(step.split ? { ...file, xml: splitUp(file.xml) } : file);
      }
      case 'restrict':
        return this.#restrict(step.who, { capability: step.capability, inFlight: step.inFlight });
      case 'lift':
        return this.#lift(step.which);
      case 'assign':
        return this.#assign(step.which, step.who);
      case 'return':
        return this.#return(step.which);
      case 'err':
        return this.#err(pickOf(this.#atBank, step.which), step.next, step.off);
    }
  }

  /** The bank is given all files, says all that it has to say, and all of that comes in. */
  async end(): Promise<void> {
    for (let rest = 0; rest < 3; rest++) {
      this.#day += 86_400_000;
      await this.#play({ credits: [{ reference: 'The last ones', amount: money(1n) }] });
    }
    while (this.#postbox.length > 0) await this.#deliver(0);
    await this.#runJobs();
    await this.#compare();
    // What waits here still would go to the bank with the next history.
    for (const payout of this.#model.payouts.filter(({ state }) => ['requested', 'approved'].includes(state)))
      await this.#cancel(payout);
    await this.#compare();
  }

  became(): string[] {
    const { payouts, items } = this.#model;
    return [
      ...payouts.map(({ state, early }) => (early.length > 0 ? `${state}, early` : state)),
      ...items.map(({ state, amount }) => `suspense ${amount < 0n ? 'debit' : 'credit'} ${state}`),
      ...(this.#lost === 0n ? [] : ['statements lost']),
    ];
  }

  async #withdraw(who: number, minor: bigint): Promise<void> {
    const client = this.#client(who);
    const quote = await client.call('create-quote', { bankAccount: 'only', amount: money(minor) });
    const [paid, fee, amount] = [quote.youPay, quote.fee, quote.theyGet].map((each) => signed(each.amount));
    if (paid === undefined || fee === undefined || amount === undefined)
      throw new Error('a quote has figures');
    if (paid !== minor + fee || amount !== minor) this.#say(`a quote of ${minor} does not add up`);
    const refusal = this.#model.isKeptFrom(who, 'withdraw')
      ? 'account_restricted'
      : this.#model.available(who) < paid
        ? 'insufficient_funds'
        : undefined;
    const made = await this.#call(refusal, () =>
      client.call('create-withdrawal', { quote: quote.id }, { key: newKey() }),
    );
    if (!made) return;
    const state = paid <= signed(AUTOMATIC) ? 'approved' : 'requested';
    const payout: Payout = {
      who,
      name: made.id.slice(4).toUpperCase(),
      paid,
      fee,
      amount,
      state,
      out: 0n,
      early: [],
    };
    this.#model.payouts.push(payout);
    this.#ids.set(payout, made.id);
  }

  async #cancel(payout: Payout | undefined): Promise<void> {
    if (!payout) return;
    const refusal = this.#model.cancel(payout) ? undefined : 'withdrawal_decided';
    await this.#call(refusal, () =>
      this.#client(payout.who).call('cancel-withdrawal', { withdrawal: this.#idOf(payout) }),
    );
  }

  async #decide(which: number, approve: boolean): Promise<void> {
    const payout = pickOf(
      this.#model.payouts.filter(({ state }) => state === 'requested'),
      which,
    );
    if (!payout) return;
    const { client } = this.#wallet.senior;
    const withdrawal = this.#idOf(payout);
    const look = () => client.call('look-at-withdrawal', { withdrawal, reason: 'to decide' });
    const { approval = '' } = await look();
    await client.call(approve ? 'approve-act' : 'refuse-act', { approval, reason: 'I have checked' });
    payout.state = approve ? 'approved' : 'rejected';
    await this.#until(async () => (await look()).state === payout.state);
  }

  /** A file for the bank, which may also get it once more, or lose nothing by getting an old one. */
  async #batch(old: boolean, again: boolean): Promise<void> {
    const { client } = this.#wallet.senior;
    const going = this.#model.batch();
    const { batches } = await client.call('batch-withdrawals', {
      iban: this.#iban,
      reason: 'the daily run',
      ...(old ? { version: 'pain.001.001.03' as const } : {}),
    });
    const total = going.reduce((sum, { amount }) => sum + amount, 0n);
    const made = batches.map((batch) => `${batch.payments} of ${batch.total.amount}`).join(', ');
    const due = going.length === 0 ? '' : `${going.length} of ${formatMinor(total, CURRENCY)}`;
    if (made !== due) this.#say(`a batch of ${due} was due, and ${made} was made`);
    for (const { id, fileName } of batches) {
      const order = { name: fileName, xml: await this.#fileOf(id) };
      for (const { name } of going) if (!order.xml.includes(name)) this.#say(`${name} is not in its file`);
      this.#orders.push(order);
    }
    this.#atBank.push(...going);
    const before = pickOf(this.#given, going.length);
    if (again && before) this.#orders.push(before);
  }

  async #fileOf(batch: string): Promise<string> {
    const call = { operation: 'write-batch' as const, input: { batch, reason: 'for the bank' } };
    const answer = await this.#wallet.harness.service.perform(
      { ...call, token: this.#wallet.senior.token },
      { console: true },
    );
    let text = '';
    if ('text' in answer) for await (const piece of answer.text) text += piece;
    return text;
  }

  async #play(given: Pick<Input<'play-bank'>, 'credits' | 'faults'>): Promise<void> {
    const before = this.#balance();
    const played = await this.#wallet.harness.call('play-bank', {
      ...given,
      orders: this.#orders,
      account: this.#iban,
      day: new Date(this.#day).toISOString().slice(0, 10),
      ...(this.#state ? { state: this.#state } : {}),
    });
    this.#given.push(...this.#orders);
    this.#orders = [];
    this.#state = played.state;
    if (given.faults?.includes('lose')) this.#lost += this.#balance() - before;
    this.#postbox.push(...played.files);
  }

  #balance(): bigint {
    return signed(this.#state?.accounts[0]?.balance ?? '0.00');
  }

  /** The bank does with an order what it should not. */
  #err(payout: Payout | undefined, next: 'pay' | 'return', off: Act<'err'>['off']): void {
    if (!payout || !this.#state) return;
    const { name, amount } = payout;
    const minor = { whole: amount, more: amount + 1n, less: amount - 1n, penny: 1n }[off];
    if (minor === 0n) return;
    const waiting = { next, iban: this.#iban, amount: money(minor), endToEndId: name };
    this.#state.waiting.push({ ...waiting, remittance: `Withdrawal ${name}` });
  }

  /** A file comes in; where a machine dies in the middle, somebody imports it again. */
  async #deliver(which: number, dies = 9): Promise<void> {
    const [file] = this.#postbox.splice(which % Math.max(this.#postbox.length, 1), 1);
    if (!file) return;
    if (dies < 3) await this.#import(file, { poster: dying(this.#wallet, dies) }).catch(() => undefined);
    await this.#import(file);
    if (!BROKEN.test(file.name)) this.#imported.push(file);
  }

  async #import(file: File, parts: Parts = this.#parts): Promise<void> {
    const { harness, support } = this.#wallet;
    const operation = file.kind === 'report' ? 'import-report' : 'import-statement';
    const call = { operation, input: {}, body: pieces(file.xml, 4_096) } as const;
    const isDying = parts !== this.#parts;
    const work = () => performWith(harness, { ...parts, log: SILENT })(support, call);
    if (isDying) return void (await work());
    const done = await this.#call(BROKEN.test(file.name) ? 'statement_invalid' : undefined, work);
    if (!done) return;
    if (file.kind === 'report')
      for (const [name, status] of saidIn(file.xml)) this.#model.report(name, status);
    else this.#model.statement(linesIn(file.xml));
    await this.#runJobs();
  }

  async #restrict(who: number, at: Expected['restrictions'][number][number]): Promise<void> {
    const { restrictions } = await this.#wallet.support.client.call('restrict-account', {
      holder: this.#holder(who).email,
      capabilities: [at.capability],
      inFlight: at.inFlight,
      reason: 'to look into it',
    });
    const made = restrictions.at(-1);
    if (made) this.#restrictions.push({ who, id: made.id, at });
    this.#model.restrict(who, at);
  }

  async #lift(which: number): Promise<void> {
    const [found] = this.#restrictions.splice(which % Math.max(this.#restrictions.length, 1), 1);
    if (!found) return;
    await this.#wallet.senior.client.call('lift-restriction', {
      restriction: found.id,
      reason: 'all is well',
    });
    const those = this.#model.restrictions[found.who];
    those?.splice(those.indexOf(found.at), 1);
  }

  async #assign(which: number, who: number): Promise<void> {
    const found = await this.#openItem(which);
    if (!found) return;
    const [{ transfer }, item] = found;
    const refusal = this.#model.isKeptFrom(who, 'receive') ? 'recipient_unavailable' : undefined;
    const to = this.#holder(who).email;
    const done = await this.#call(refusal, () =>
      this.#wallet.support.client.call(
        'assign-suspense',
        { transfer, to, reason: 'it is theirs' },
        { key: newKey() },
      ),
    );
    if (!done) return;
    item.state = 'assigned';
    this.#model.give(who, item.amount);
  }

  /** Two people decide that the bank is to send it back; the order is made by hand. */
  async #return(which: number): Promise<void> {
    const found = await this.#openItem(which);
    if (!found) return;
    const [{ transfer }, item] = found;
    const { support, senior } = this.#wallet;
    const { id } = await support.client.call('return-suspense', { transfer, reason: 'not for us' });
    await senior.client.call('approve-act', { approval: id, reason: 'I have checked' });
    const reference = transfer.slice(4).toUpperCase();
    Object.assign(item, { state: 'returning', reference });
    await this.#until(async () =>
      (await this.#items()).some((each) => each.transfer === transfer && each.state === 'returning'),
    );
    this.#orders.push({ name: 'by-hand.xml', xml: this.#orderOf(reference, item.amount) });
  }

  #orderOf(endToEndId: string, amount: bigint): string {
    const account = { iban: THEIR_IBAN };
    return [
      ...writePayments({
        version: 'pain.001.001.09',
        messageId: `R${endToEndId}`,
        created: new Date(this.#day),
        executeOn: new Date(this.#day).toISOString().slice(0, 10),
        debtor: { name: 'Wallet GmbH', iban: this.#iban },
        currency: CURRENCY,
        payments: [
          {
            endToEndId,
            amount,
            creditorName: 'Payer',
            account,
            isSepa: true,
            remittance: `Back ${endToEndId}`,
          },
        ],
      }),
    ].join('');
  }

  /** A credit that waits, as staff see it and as the model does. Those that look the same are in the same order in both. */
  async #openItem(which: number): Promise<[SuspenseItem, Item] | undefined> {
    const open = (await this.#items()).filter(({ state }) => state === 'open');
    const shown = pickOf(
      open.filter(({ direction }) => direction === 'credit'),
      which,
    );
    if (!shown) return undefined;
    const alike = open.filter((each) => lookOfShown(each) === lookOfShown(shown));
    const items = this.#model.items.filter(
      (each) => each.state === 'open' && lookOf(each) === lookOfShown(shown),
    );
    const item = items[alike.indexOf(shown)];
    if (item) return [shown, item];
    this.#say(`${lookOfShown(shown)} waits in suspense, and should not`);
    return undefined;
  }

  /** What waits, or waited, in suspense since this history began, oldest first. */
  async #items(): Promise<SuspenseItem[]> {
    const all: SuspenseItem[] = [];
    for (let cursor: string | undefined; ;) {
      const { items, nextCursor } = await this.#wallet.support.client.call('list-suspense', {
        limit: 100,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const known = items.findIndex(({ transfer }) => transfer === this.#before.items);
      all.push(...(known < 0 ? items : items.slice(0, known)));
      if (known >= 0 || nextCursor === undefined) return all.reverse();
      cursor = nextCursor;
    }
  }

  /** Holds everything that anybody can see against the model. */
  async #compare(): Promise<void> {
    const model = this.#model;
    const say = (minor: bigint) => formatMinor(minor, CURRENCY);
    const same = (what: string, is: string, must: string) => {
      if (is !== must) this.#say(`${what}: ${is}, and must be ${must}`);
    };
    for (const [who, { client }] of this.#holders.entries()) {
      const { balances } = await client.call('list-balances', {});
      const euro = balances.find(({ currency }) => currency === CURRENCY);
      same(`holder ${who} has`, euro?.balance.amount ?? '0.00', say(model.balances[who] ?? 0n));
      same(`holder ${who} has on hold`, euro?.held.amount ?? '0.00', say(model.held(who)));
      const { withdrawals } = await client.call('list-withdrawals', { limit: 100 });
      const mine = model.payouts.filter((each) => each.who === who);
      same(`withdrawals of holder ${who}`, String(withdrawals.length), String(mine.length));
      for (const payout of mine) {
        const shown = withdrawals.find(({ id }) => id === this.#idOf(payout));
        same(`${payout.name} is`, shown?.state ?? 'not there', payout.state);
        const isRefunded = payout.state === 'returned' && payout.fee > 0n;
        same(`the fee of ${payout.name} is back`, String(shown?.feeRefund !== undefined), String(isRefunded));
      }
    }
    const since = async (name: 'suspense' | 'fees') => (await this.#minorOf(name)) - this.#before[name];
    same('in suspense is', say(await since('suspense')), say(model.suspense()));
    same('fees are', say(await since('fees')), say(model.fees()));
    const shown = (await this.#items()).map((each) => `${lookOfShown(each)} ${each.state}`);
    const must = model.items.map((each) => `${lookOf(each)} ${each.state}`);
    same('waiting are', shown.sort().join('; '), must.sort().join('; '));
    const bank = { account: this.#iban, balance: this.#balance(), lost: this.#lost };
    for (const each of await asTheBankSays(this.#wallet.support, bank)) this.#say(each);
  }

  async #minorOf(name: 'suspense' | 'fees'): Promise<bigint> {
    return (
      (await balanceByName(this.#wallet.harness.service.deps.engine, `${name}:${CURRENCY}`))?.balance ?? 0n
    );
  }

  /** Has the jobs done what is due, besides those that run by themselves. */
  async #runJobs(): Promise<void> {
    const deps = { ...this.#wallet.harness.service.deps, ...this.#parts };
    await runApprovals(deps, () => Promise.resolve(true));
    await followWithdrawals(deps, () => Promise.resolve(true));
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      await this.#runJobs();
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    this.#say('what was decided was never done');
  }

  /** Calls, and answers undefined where that was refused; wrong is any other end than the one that must be. */
  async #call<T>(refusal: RefusalCode | undefined, work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      if (refusal !== undefined) this.#say(`${refusal} was due, and it was done`);
      return done;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code !== refusal) this.#say(`${refusal ?? 'nothing'} was due: ${error.message}`);
      return undefined;
    }
  }

  #client(who: number): Holder['client'] {
    return this.#holder(who).client;
  }

  #holder(who: number): Holder {
    const holder = this.#holders[who];
    if (!holder) throw new Error(`there is no holder ${who}`);
    return holder;
  }

  #idOf(payout: Payout): string {
    return this.#ids.get(payout) ?? '';
  }

  #say(sentence: string): void {
    this.wrong.push(sentence);
  }
}

function pickOf<T>(some: readonly T[], which: number): T | undefined {
  return some[which % Math.max(some.length, 1)];
}

function money(minor: bigint): { amount: string; currency: string } {
  return { amount: formatMinor(minor, CURRENCY), currency: CURRENCY };
}

function lookOf({ amount, text }: Item): string {
  return `${formatMinor(amount, CURRENCY)} ${text}`;
}

function lookOfShown({ direction, amount, remittance }: SuspenseItem): string {
  return `${direction === 'debit' ? '-' : ''}${amount.amount} ${remittance}`;
}

/** A German account number of ours, with its check digits (ISO 13616). */
function ibanOf(number: number): string {
  const account = String(number).padStart(18, '0');
  return `DE${String(98n - (BigInt(`${account}131400`) % 97n)).padStart(2, '0')}${account}`;
}

/** What a statement of the rehearsal bank says was moved. */
function linesIn(xml: string): BankLine[] {
  return [...xml.matchAll(/<Ntry>(.*?)<\/Ntry>/gs)].map(([, entry = '']) => {
    const find = (pattern: RegExp) => pattern.exec(entry)?.[1] ?? '';
    return {
      ref: find(/<AcctSvcrRef>(.*?)</),
      direction: find(/<CdtDbtInd>(.*?)</) === 'CRDT' ? 'credit' : 'debit',
      amount: signed(find(/<Amt [^>]*>(.*?)</)),
      name: find(/<EndToEndId>(.*?)</),
      text: find(/<Ustrd>(.*?)</),
      isReturn: entry.includes('<RtrInf>'),
    };
  });
}

/** The same statement, with each entry told as two payments of which one is of the smallest amount there is. */
function splitUp(xml: string): string {
  return xml.replace(/<TxDtls>.*?<\/TxDtls>/gs, (details) => {
    const whole = signed(/<Amt [^>]*>(.*?)</.exec(details)?.[1] ?? '0.00');
    const part = (minor: bigint) =>
      details.replace(/(<Amt [^>]*>).*?</, `$1${formatMinor(minor, CURRENCY)}<`);
    return whole < 2n ? details : part(whole - 1n) + part(1n);
  });
}

/** What a report of the rehearsal bank says of each order. Of an order that it has already, it says nothing. */
function saidIn(xml: string): [name: string, status: string][] {
  const each = xml.matchAll(/<OrgnlEndToEndId>(.*?)<.*?<TxSts>(.*?)</gs);
  return [...each].map(([, name = '', status = '']) => [name, status]);
}
