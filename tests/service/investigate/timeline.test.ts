import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, fund, person, refusalOf, say, send } from '../money/wallet.ts';

type Options = Omit<Input<'look-at-timeline'>, 'reason' | 'holder'>;
type Event = Output<'look-at-timeline'>['events'][number];

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let sue: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob, sue] = [
      await harness.holder('alice'),
      await person(harness, 'bob'),
      await person(harness, 'sue', 'support'),
    ];
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const read = (options: Options = {}, holder = alice.id) =>
    sue.client.call('look-at-timeline', { holder, reason: 'a complaint', ...options });
  const events = async (options: Options = {}) => (await read(options)).events;
  /** Waits until what mails there were are kept. */
  const settled = async () => {
    await expect
      .poll(async () => (await harness.service.deps.engine.all('SELECT id FROM outbox')).length)
      .toBe(0);
  };
  const text = ({ text: said, mail, transfer, words }: Event) =>
    mail ? mail.subject : transfer ? `${transfer.direction} ${say(transfer.received)}` : (words ?? said);

  /** One of everything. */
  const live = async () => {
    await settled();
    harness.clock.advance(60_000);
    await fund(harness, alice, '100');
    harness.clock.advance(60_000);
    await send(alice, bob.email, '30.00 EUR');
    harness.clock.advance(60_000);
    await sue.client.call('add-note', { holder: alice.id, text: 'Sounded worried', reason: 'a call' });
    harness.clock.advance(60_000);
    const { id } = await alice.client.call('open-case', { title: 'Help', text: 'Where is it?' });
    harness.clock.advance(60_000);
    await sue.client.call('reply-as-staff', { case: id, text: 'It arrived.', reason: 'the case' });
    await settled();
    harness.clock.advance(60_000);
    return id;
  };

  test('tells one story of logins, payments, mails, notes and cases, newest first', async () => {
    const which = await live();
    const story = await events();
    expect(story.map(text)).toEqual([
      'OKpay support has answered you',
      'It arrived.',
      'Where is it?',
      'Sounded worried',
      'out 30.00 EUR',
      'in 100.00 EUR',
      ...story.slice(6).map(text),
    ]);
    expect(story.slice(6).map(text)).toEqual(
      expect.arrayContaining(['Logged in', 'Your OKpay account is open']),
    );
    expect(story.map(({ at }) => at)).toEqual(
      story
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    expect(story.map(({ kind }) => kind).slice(0, 6)).toEqual([
      'mail',
      'case',
      'case',
      'note',
      'transfer',
      'transfer',
    ]);
    const [mail, reply, opened, note, out] = story as [Event, Event, Event, Event, Event];
    expect(mail.mail).toEqual({
      kind: 'case-reply',
      subject: 'OKpay support has answered you',
      to: 'a•••@example.com',
    });
    expect(reply).toMatchObject({
      by: { id: sue.id, name: 'Sue Example', role: 'support' },
      reason: 'the case',
      object: which,
    });
    expect(opened.by).toBeUndefined();
    expect(note).toMatchObject({ action: 'note-added', by: { id: sue.id }, words: 'Sounded worried' });
    expect(out.transfer).toMatchObject({
      to: { name: 'Bob Example', email: 'b•••@example.com' },
      balanceAfter: { amount: '70.00', currency: 'EUR' },
    });
  });

  test('is one kind when one is asked for; staff is all that staff did', async () => {
    await live();
    const whole = await events();
    for (const kind of ['login', 'transfer', 'mail', 'note', 'case', 'change', 'restriction'] as const) {
      const some = await events({ kind });
      expect(
        some.every((each) => each.kind === kind),
        kind,
      ).toBe(true);
      expect(some.map(({ id }) => id)).toEqual(
        whole.filter((each) => each.kind === kind).map(({ id }) => id),
      );
    }
    const staff = await events({ kind: 'staff' });
    expect(staff.filter(({ kind }) => kind !== 'staff').map(text)).toEqual([
      'It arrived.',
      'Sounded worried',
    ]);
    expect(staff.filter(({ kind }) => kind === 'staff').length).toBeGreaterThan(7);
  });

  test('in pages of any size it is the same story, and no event is missed or told twice', async () => {
    await live();
    await fund(harness, alice, '5', 'JPY');
    for (let at = 0; at < 9; at++)
      await send(at % 2 === 0 ? alice : bob, at % 2 === 0 ? bob.email : alice.email, '1 EUR');
    const until = new Date(harness.clock.now() + 1).toISOString();
    harness.clock.advance(60_000);
    const whole = (await events({ until, limit: 100 })).map(({ id }) => id);
    expect(new Set(whole).size).toBe(whole.length);
    expect(whole.length).toBeGreaterThan(17);
    for (const limit of [1, 2, 5, 7]) {
      const all: string[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await read({ until, limit, ...(cursor === undefined ? {} : { cursor }) });
        all.push(...page.events.map(({ id }) => id));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
        expect(page.events.length).toBe(limit);
      }
      expect(all, `pages of ${limit}`).toEqual(whole);
    }
  });

  test('as of a time it ends there, and shows the balances and restrictions of then', async () => {
    const balances: [string, string][] = [];
    await fund(harness, alice, '50');
    for (let at = 0; at < 6; at++) {
      balances.push([new Date(harness.clock.now()).toISOString(), await balanceOf(alice)]);
      harness.clock.advance(1);
      await send(alice, bob.email, `${at + 1}.00 EUR`);
      harness.clock.advance(999);
    }
    const { engine: db } = harness.service.deps;
    const [from, to] = [balances[2]?.[0] ?? '', balances[4]?.[0] ?? ''];
    await db.transact((tx) =>
      tx.run(
        `INSERT INTO restrictions (id, user_id, capability, reason, in_flight, made_by, made_at, expires_at)
          VALUES ('rst_x', ?, 'send', 'a report', '', ?, ?, ?)`,
        [alice.id, sue.id, from, to],
      ),
    );
    for (const [at, balance] of balances) {
      const { asOf, events: story } = await read({ asOf: at });
      expect(asOf?.at).toBe(at);
      expect(asOf?.balances.map(say), at).toEqual([balance]);
      expect(
        asOf?.restrictions.map(({ capability }) => capability),
        at,
      ).toEqual(at >= from && at < to ? ['send'] : []);
      expect(story.every((each) => each.at <= at)).toBe(true);
      expect(story.find(({ transfer }) => transfer)?.transfer?.balanceAfter).toEqual(asOf?.balances[0]);
    }
  });

  test('between two times, from the first on and before the second', async () => {
    await live();
    const whole = await events();
    const [, second, third] = whole.toReversed().filter(({ kind }) => kind === 'transfer' || kind === 'note');
    const some = await events({ since: second?.at ?? '', until: third?.at ?? '' });
    expect(some.map(({ id }) => id)).toEqual([second?.id]);
    await refusalOf(read({ since: third?.at ?? '', until: third?.at ?? '' }), 'input_invalid');
    await refusalOf(read({ cursor: alice.id }), 'input_invalid');
  });

  test('is read by id, address or phone number, and each reading is recorded for the holder', async () => {
    await settled();
    harness.clock.advance(1);
    await read({}, alice.email);
    await refusalOf(read({}, 'no@example.com'), 'not_found');
    await refusalOf(read({}, 'usr_00000000000000000000000000'), 'not_found');
    await refusalOf(read({}, '+4915100000000'), 'not_found');
    const [last] = await events();
    expect(last).toMatchObject({
      kind: 'staff',
      action: 'timeline-looked-at',
      reason: 'a complaint',
      by: { name: 'Sue Example' },
    });
  });
});
