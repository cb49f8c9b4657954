import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { person, problemOf, refusalOf } from '../money/wallet.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let sue: Holder;
  let vera: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob, sue, vera] = [
      await person(harness, 'alice'),
      await person(harness, 'bob'),
      await person(harness, 'sue', 'support'),
      await person(harness, 'vera', 'viewer'),
    ];
  });
  afterEach(() => harness.close());

  const open = (title = 'A payment', text = 'CANARY-OF-THE-HOLDER where is it?', who = alice) =>
    who.client.call('open-case', { title, text });
  const reply = (id: string, text = 'We look into it.') =>
    sue.client.call('reply-as-staff', { case: id, text, reason: 'the case' });
  const view = (id: string) => sue.client.call('look-at-case', { case: id, reason: 'the case' });
  const mine = (id: string, who = alice) => who.client.call('get-case', { case: id });

  test('holder and staff write to each other; the holder sees no names, staff see all', async () => {
    const { id } = await open();
    harness.clock.advance(1_000);
    await reply(id, 'Which one?\nThe first?');
    harness.clock.advance(1_000);
    await alice.client.call('reply-to-case', { case: id, text: 'The second.' });
    const holderSees = await mine(id);
    expect(holderSees).toMatchObject({ id, title: 'A payment', state: 'open' });
    expect(holderSees.messages.map(({ from, text }) => [from, text])).toEqual([
      ['holder', 'CANARY-OF-THE-HOLDER where is it?'],
      ['support', 'Which one?\nThe first?'],
      ['holder', 'The second.'],
    ]);
    expect(JSON.stringify(holderSees)).not.toMatch(new RegExp(`Sue|${sue.id}|sue@`));
    const staffSee = await view(id);
    expect(staffSee.holder).toMatchObject({ id: alice.id, name: 'Alice Example', email: 'a•••@example.com' });
    expect(staffSee.messages.map(({ author }) => author)).toEqual([
      'Alice Example',
      'Sue Example',
      'Alice Example',
    ]);
  });

  test('what staff write is mailed to the holder; what the holder wrote never is', async () => {
    const { id } = await open('TITLE-CANARY');
    const long = `\u202Ehidden\u0007 ${'many words '.repeat(30)}${'x'.repeat(300)}`;
    const { proof } = await reply(id, long);
    const mail = await harness.nextMail(alice.email, 'case-reply');
    expect(mail.subject).toBe('OKpay support has answered you');
    expect(mail.text).toContain(`okpay support reply ${id}`);
    expect(mail.text).toContain(`okpay support verify ${proof}`);
    expect(mail.text).toContain('\u{fffd}hidden\u{fffd} many words');
    for (const line of mail.text.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
    await sue.client.call('close-case', { case: id, reason: 'CLOSING-CANARY' });
    const closed = await harness.nextMail(alice.email, 'case-closed');
    await sue.client.call('open-staff-case', {
      holder: bob.email,
      title: 'Your address',
      text: 'Is it still right?',
      reason: 'returned mail',
    });
    const opened = await harness.nextMail(bob.email, 'case-opened');
    expect(opened.text).toContain('Is it still right?');
    for (const { text, subject } of [mail, closed, opened]) expect(text + subject).not.toMatch(/CANARY|Sue/);
  });

  test('is closed by staff, and opened again by whoever writes to it', async () => {
    const { id } = await open();
    const close = () => sue.client.call('close-case', { case: id, reason: 'it is done' });
    expect(await close()).toMatchObject({ state: 'closed', closedAt: expect.any(String) });
    expect(await close()).toMatchObject({ state: 'closed' });
    expect((await view(id)).closeReason).toBe('it is done');
    expect((await mine(id)).state).toBe('closed');
    expect(JSON.stringify(await mine(id))).not.toContain('it is done');
    expect(await alice.client.call('reply-to-case', { case: id, text: 'No!' })).toMatchObject({
      state: 'open',
    });
    expect(await mine(id)).not.toHaveProperty('closedAt');
    await close();
    expect((await reply(id)).case.state).toBe('open');
    const actions = await harness.service.deps.engine.all<{ action: string }>(
      'SELECT action FROM audit_log WHERE object = ? ORDER BY id',
      [id],
    );
    expect(actions.map(({ action }) => action).filter((action) => action !== 'case-looked-at')).toEqual([
      'case-opened',
      'case-closed',
      'case-reopened',
      'case-replied',
      'case-closed',
      'case-reopened',
      'case-replied',
    ]);
  });

  test('is given to who works on cases, and found in their list', async () => {
    const { id } = await open();
    const assign = (to: string) => sue.client.call('assign-case', { case: id, to, reason: 'the case' });
    const list = async (filter: object) =>
      (await sue.client.call('list-staff-cases', filter)).cases.map((each) => each.id);
    expect(await list({ assignee: 'me' })).toEqual([]);
    expect((await assign('me')).assignedTo).toEqual({ id: sue.id, name: 'Sue Example' });
    expect(await list({ assignee: 'me' })).toEqual([id]);
    expect(await list({ assignee: vera.id })).toEqual([]);
    expect(await list({ state: 'open' })).toEqual([id]);
    expect(await list({ state: 'closed' })).toEqual([]);
    await refusalOf(assign(vera.id), 'input_invalid');
    await refusalOf(assign(bob.email), 'input_invalid');
    await refusalOf(assign('no@example.com'), 'not_found');
    const other = await person(harness, 'simon', 'senior');
    expect((await assign(other.email)).assignedTo?.id).toBe(other.id);
    // Whoever is not of the staff any more has no cases.
    const ada = await person(harness, 'ada', 'admin');
    await ada.client.call('remove-staff', { who: other.id, reason: 'left' });
    expect((await view(id)).assignedTo).toBeUndefined();
  });

  test('lists page by page, newest first', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) {
      harness.clock.advance(1);
      ids.unshift((await open(`Case ${at}`)).id);
    }
    const first = await alice.client.call('list-cases', { limit: 2 });
    expect(first.cases.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await alice.client.call('list-cases', { limit: 3, cursor: first.nextCursor ?? '' });
    expect(second).toEqual({ cases: expect.any(Array) });
    expect(second.cases.map(({ id }) => id)).toEqual(ids.slice(2));
    const ofStaff = await sue.client.call('list-staff-cases', { limit: 4 });
    expect(ofStaff.cases.map(({ id }) => id)).toEqual(ids.slice(0, 4));
    await refusalOf(alice.client.call('list-cases', { cursor: alice.id }), 'input_invalid');
  });

  describe('another holder', () => {
    test('sees nothing of it: the same answer as for one that never was (ASVS V8.2.2)', async () => {
      const { id } = await open();
      const none = 'cas_00000000000000000000000000';
      expect(await problemOf(mine(id, bob), id)).toBe(await problemOf(mine(none, bob), none));
      const write = (which: string) => bob.client.call('reply-to-case', { case: which, text: 'x' });
      expect(await problemOf(write(id), id)).toBe(await problemOf(write(none), none));
      await refusalOf(write(id), 'not_found');
      expect((await bob.client.call('list-cases', {})).cases).toEqual([]);
      expect((await mine(id)).messages).toHaveLength(1);
      // Not even staff, as holders: their way to it is recorded.
      await refusalOf(mine(id, sue), 'not_found');
    });

    test('and no holder reaches it by the ways of staff, nor a viewer by those of support (ASVS V8.2.1)', async () => {
      const { id } = await open();
      for (const { client } of [alice, bob, vera])
        for (const call of [
          () => client.call('reply-as-staff', { case: id, text: 'x', reason: 'x' }),
          () => client.call('close-case', { case: id, reason: 'x' }),
          () => client.call('assign-case', { case: id, to: 'me', reason: 'x' }),
          () => client.call('open-staff-case', { holder: bob.id, title: 'x', text: 'x', reason: 'x' }),
        ])
          await refusalOf(call(), 'role_insufficient');
      for (const who of [alice, bob])
        await refusalOf(who.client.call('look-at-case', { case: id, reason: 'x' }), 'role_insufficient');
      expect((await vera.client.call('look-at-case', { case: id, reason: 'x' })).id).toBe(id);
    });

    test('staff do not look after their own account', async () => {
      const { id } = await open('Mine', 'x', sue);
      for (const call of [
        () => reply(id),
        () => sue.client.call('close-case', { case: id, reason: 'x' }),
        () => sue.client.call('assign-case', { case: id, to: 'me', reason: 'x' }),
        () => sue.client.call('open-staff-case', { holder: sue.id, title: 'x', text: 'x', reason: 'x' }),
      ])
        await refusalOf(call(), 'staff_self');
      // As its holder, yes.
      await sue.client.call('reply-to-case', { case: id, text: 'x' });
    });
  });

  describe('limits', () => {
    test('five cases may be open, also when they are opened at once or again (ASVS V15.4.2)', async () => {
      const first = await open();
      await sue.client.call('close-case', { case: first.id, reason: 'done' });
      const results = await Promise.allSettled(Array.from({ length: 12 }, () => open()));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
      await refusalOf(open(), 'cases_too_many');
      await refusalOf(alice.client.call('reply-to-case', { case: first.id, text: 'x' }), 'cases_too_many');
      await refusalOf(
        sue.client.call('open-staff-case', { holder: alice.id, title: 'x', text: 'x', reason: 'x' }),
        'cases_too_many',
      );
      // Others have their own.
      await open('x', 'x', bob);
    });

    test('titles and texts have an end, and so has a case', async () => {
      await refusalOf(open(''), 'input_invalid');
      await refusalOf(open('x'.repeat(101)), 'input_invalid');
      await refusalOf(open('x', 'x'.repeat(4_001)), 'input_invalid');
      await refusalOf(open('x', 'a\0b'), 'input_invalid');
      const { id } = await open('x'.repeat(100), 'x'.repeat(4_000));
      const { engine: db, newId } = harness.service.deps;
      await db.transact(async (tx) => {
        for (let at = 1; at < 500; at++)
          await tx.run(
            `INSERT INTO case_messages (id, case_id, author, from_staff, text, created_at) VALUES (?, ?, ?, 0, 'x', '')`,
            [newId('message'), id, alice.id],
          );
      });
      await refusalOf(alice.client.call('reply-to-case', { case: id, text: 'x' }), 'case_full');
      await refusalOf(reply(id), 'case_full');
    });
  });
});
