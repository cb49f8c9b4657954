/**
 * What must be so, told by what holders wished, what staff decided, and what files of the bank that have come in say; in
 * minor units of one currency. It knows nothing of how the service does it.
 */

export type Capability = 'receive' | 'send' | 'withdraw';
export type InFlight = 'freeze' | 'finish' | 'cancel';
export type Restriction = { readonly capability: Capability; readonly inFlight: InFlight };

type PayoutState =
  | 'requested'
  | 'approved'
  | 'batched'
  | 'sent'
  | 'settled'
  | 'returned'
  | 'cancelled'
  | 'rejected'
  | 'failed';

export type Payout = {
  readonly who: number;
  /** What the bank is told to call it. */
  readonly name: string;
  readonly paid: bigint;
  readonly fee: bigint;
  readonly amount: bigint;
  state: PayoutState;
  /** What of it the bank has, or whoever it was paid to. */
  out: bigint;
  /** What came back before it was seen to leave. */
  readonly early: Item[];
};

/** What waits in suspense, below zero where money left. */
export type Item = {
  readonly amount: bigint;
  readonly text: string;
  state: 'open' | 'assigned' | 'returning' | 'returned';
  /** What the bank is to call the payment that returns it. */
  reference?: string;
};

/** One line of a statement. */
export type BankLine = {
  readonly ref: string;
  readonly direction: 'credit' | 'debit';
  readonly amount: bigint;
  readonly name: string;
  readonly text: string;
  readonly isReturn: boolean;
};

/** Money that is promised to a bank account, and has not left. */
const ON_HOLD: readonly PayoutState[] = ['requested', 'approved', 'batched', 'sent'];
/** What a bank may pay or refuse. */
const AT_BANK: readonly PayoutState[] = ['batched', 'sent'];
/** What can still be called back. */
const AT_HOME: readonly PayoutState[] = ['requested', 'approved'];

export class Expected {
  readonly balances: bigint[];
  readonly restrictions: Restriction[][];
  readonly payouts: Payout[] = [];
  readonly items: Item[] = [];
  readonly #references: readonly string[];
  readonly #seen = new Set<string>();

  /** Holders, by their deposit references. */
  constructor(references: readonly string[]) {
    this.#references = references;
    this.balances = references.map(() => 0n);
    this.restrictions = references.map(() => []);
  }

  held(who: number): bigint {
    const waiting = this.payouts.filter((each) => each.who === who && ON_HOLD.includes(each.state));
    return waiting.reduce((sum, { paid }) => sum + paid, 0n);
  }

  available(who: number): bigint {
    return this.#balance(who) - this.held(who);
  }

  isKeptFrom(who: number, capability: Capability): boolean {
    return this.restrictions[who]?.some((each) => each.capability === capability) ?? false;
  }

  /** Fees that were earned and not given back. */
  fees(): bigint {
    return this.payouts.reduce((sum, { state, fee }) => (state === 'settled' ? sum + fee : sum), 0n);
  }

  suspense(): bigint {
    const waiting = this.items.filter(({ state }) => state === 'open' || state === 'returning');
    return waiting.reduce((sum, { amount }) => sum + amount, 0n);
  }

  restrict(who: number, restriction: Restriction): void {
    this.restrictions[who]?.push(restriction);
    if (restriction.capability !== 'withdraw' || restriction.inFlight !== 'cancel') return;
    for (const payout of this.payouts) if (payout.who === who) this.cancel(payout);
  }

  cancel(payout: Payout): boolean {
    if (AT_HOME.includes(payout.state)) payout.state = 'cancelled';
    return payout.state === 'cancelled';
  }

  /** All that is approved and not frozen goes into a file. */
  batch(): Payout[] {
    const frozen = (who: number) =>
      this.restrictions[who]?.some((each) => each.capability === 'withdraw' && each.inFlight !== 'finish');
    const going = this.payouts.filter(({ state, who }) => state === 'approved' && !frozen(who));
    for (const payout of going) payout.state = 'batched';
    return going;
  }

  /** A bank says of an order that it takes or refuses it, or nothing yet. */
  report(name: string, status: string): void {
    const payout = this.#payout(name);
    if (payout && AT_BANK.includes(payout.state) && status === 'RJCT') payout.state = 'failed';
    if (payout?.state === 'batched' && status === 'ACSP') payout.state = 'sent';
  }

  /** A bank moved money: once, however often it says so. What came back too early is given when all of it is told. */
  statement(lines: readonly BankLine[]): void {
    for (const line of lines) {
      if (this.#seen.has(line.ref)) continue;
      this.#seen.add(line.ref);
      if (line.direction === 'debit') this.#left(line);
      else if (line.isReturn) this.#cameBack(line);
      else this.#cameIn(line);
    }
    for (const payout of this.payouts)
      for (const item of payout.early) {
        if (item.state !== 'open' || item.amount > payout.out) continue;
        item.state = 'assigned';
        this.#giveBack(payout, item.amount);
      }
  }

  #cameIn(line: BankLine): void {
    const who = this.#references.indexOf(line.text);
    if (who < 0 || this.isKeptFrom(who, 'receive')) this.#wait(line);
    else this.give(who, line.amount);
  }

  #left(line: BankLine): void {
    const payout = this.#payout(line.name);
    if (payout && AT_BANK.includes(payout.state) && payout.amount === line.amount) {
      payout.state = 'settled';
      payout.out = payout.amount;
      this.give(payout.who, -payout.paid);
      return;
    }
    const returned = this.items.find(
      (item) => item.state === 'returning' && item.reference === line.name && item.amount === line.amount,
    );
    if (returned) returned.state = 'returned';
    else this.#wait(line);
  }

  #cameBack(line: BankLine): void {
    const payout = this.#payout(line.name);
    if (payout && line.amount <= payout.out) return this.#giveBack(payout, line.amount);
    const item = this.#wait(line);
    if (payout && AT_BANK.includes(payout.state) && line.amount <= payout.amount) payout.early.push(item);
  }

  /** The fee comes with what comes back first. */
  #giveBack(payout: Payout, amount: bigint): void {
    this.give(payout.who, payout.state === 'returned' ? amount : amount + payout.fee);
    payout.state = 'returned';
    payout.out -= amount;
  }

  #wait({ direction, amount, text }: BankLine): Item {
    const item: Item = { amount: direction === 'credit' ? amount : -amount, text, state: 'open' };
    this.items.push(item);
    return item;
  }

  give(who: number, amount: bigint): void {
    this.balances[who] = this.#balance(who) + amount;
  }

  #balance(who: number): bigint {
    return this.balances[who] ?? 0n;
  }

  #payout(name: string): Payout | undefined {
    return this.payouts.find((each) => each.name === name);
  }
}
