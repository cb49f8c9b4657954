import { afterEach, beforeEach, expect, it } from 'vitest';
import { ACTIONS, type Action } from '../../../src/core/contract/actions.ts';
import { record } from '../../../src/service/audit-log/record.ts';
import { makeLog } from '../../../src/service/http/log.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';

const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  const list = (input: object = {}, holder = alice) => holder.client.call('list-activity', input);
  const logIn = (more: object = {}) =>
    harness.call('log-in', { email: alice.email, password: PASSWORD, ...more });
  /** What staff do, as the operations of staff record it. */
  const asStaff = (action: Action, subject: string) =>
    harness.service.deps.engine.transact((tx) =>
      record(
        tx,
        harness.service.deps,
        { user: 'usr_staff', role: 'support', device: 'desk', address: '192.0.2.9', console: false },
        { action, subject, reason: 'a secret reason', facts: { name: 'Sara Support' } },
      ),
    );

  it('tells of logins, failures, changes and ends, each where it belongs (ASVS V16.3.1)', async () => {
    const bob = await harness.holder('bob');
    await harness.logIn(alice.email, 'wrong').catch(() => undefined);
    await harness.logIn('nobody@example.com', 'wrong').catch(() => undefined);
    const phone = await logIn({ device: 'phone' });
    const tablet = await logIn({ device: 'tablet' });
    const desk = await logIn({ device: 'desk' });
    await alice.client.call('revoke-session', { session: phone.session });
    const device = (await harness.client(tablet.token).call('list-sessions', {})).devices[2]?.id ?? '';
    await alice.client.call('forget-device', { device });
    await harness.client(desk.token).call('log-out', {});
    const { unlock } = await harness.call('request-unlock', { email: alice.email });
    const { code = '' } = await harness.nextMail(alice.email, 'unlock');
    await harness.call('confirm-unlock', { unlock, code });

    const { activity } = await list();
    expect(activity.map(({ action, by, facts }) => [action, by, facts])).toEqual([
      ['unlocked', 'you', {}],
      ['unlock-asked', 'nobody', {}],
      ['logout-done', 'you', {}],
      ['session-ended', 'you', { on: 'tablet' }],
      ['device-forgotten', 'you', { name: 'tablet' }],
      ['session-ended', 'you', { on: 'phone' }],
      ['login-done', 'you', {}],
      ['device-added', 'you', {}],
      ['login-done', 'you', {}],
      ['device-added', 'you', {}],
      ['login-done', 'you', {}],
      ['device-added', 'you', {}],
      ['login-refused', 'nobody', {}],
      ['login-done', 'you', {}],
      ['device-added', 'you', {}],
      ['registered', 'you', {}],
    ]);
    expect(activity[6]).toMatchObject({
      text: 'Logged in',
      device: 'desk',
      network: 'console',
      kind: 'login',
    });
    expect((await list({}, bob)).activity.map(({ action }) => action)).toEqual([
      'login-done',
      'device-added',
      'registered',
    ]);
  });

  it('is narrowed by kind, and read page by page without a gap', async () => {
    for (let at = 0; at < 5; at++) await harness.logIn(alice.email, 'wrong').catch(() => undefined);
    expect((await list({ kind: 'refused' })).activity).toHaveLength(5);
    expect((await list({ kind: 'login' })).activity.map(({ action }) => action)).toEqual(['login-done']);
    expect((await list({ kind: 'staff' })).activity).toEqual([]);
    const all = (await list()).activity.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      paged.push(...page.activity.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
    await expect(list({ cursor: alice.id })).rejects.toEqual(refused('input_invalid'));
    await expect(list({ kind: 'other' })).rejects.toEqual(refused('input_invalid'));
  });

  it('says that staff did something, and neither who, why, from where nor on what machine', async () => {
    await asStaff('session-ended', alice.id);
    const { activity } = await list({ kind: 'staff' });
    expect(activity).toEqual([
      {
        id: expect.stringMatching(/^rec_/),
        at: '2026-03-02T09:00:00.000Z',
        action: 'session-ended',
        kind: 'staff',
        text: ACTIONS['session-ended'].text,
        by: 'staff',
        facts: {},
      },
    ]);
    expect(JSON.stringify(await list())).not.toMatch(/usr_staff|secret|desk|192\.0|Sara/);
    // The control: the log itself knows.
    const rows = await harness.service.deps.engine.all('SELECT actor, reason, network FROM audit_log');
    expect(rows).toContainEqual({ actor: 'usr_staff', reason: 'a secret reason', network: '192.0.2.0/24' });
    expect((await list({ kind: 'login' })).activity.map(({ action }) => action)).toEqual(['login-done']);
  });

  it('leaves out what is not for holders, and what a member of staff does as a holder is theirs', async () => {
    const admin = await harness.staff();
    const { activity } = await list({}, admin);
    expect(activity[0]).toMatchObject({ action: 'login-done', by: 'you', device: 'unnamed' });
    const hidden = 'a-later-action' as Action;
    await asStaff(hidden, alice.id);
    expect((await list()).activity.map(({ action }) => action)).not.toContain(hidden);
  });

  it('hostile names of devices stay data, and one line each in the log (ASVS V16.4.1)', async () => {
    const lines: string[] = [];
    const log = await makeLog({ node: 'n1', write: (line) => void lines.push(line) });
    Object.assign(harness.service.deps, { log });
    const device = 'x\r\n{"level":"info","message":"forged"}\u001b[31m\u202e';
    await logIn({ device });
    await harness.call('log-in', { email: alice.email, password: 'wrong', device }).catch(() => undefined);
    for (let at = 0; at < 7; at++)
      await harness
        .call('log-in', { email: `a\u001b${at}@example.com`, password: 'x' })
        .catch(() => undefined);
    for (let at = 0; at < 7; at++)
      await harness.logIn(`no${'\u0000'.repeat(0)}body@example.com`, 'wrong').catch(() => undefined);
    expect((await list()).activity.filter((line) => line.device === device)).toHaveLength(3);
    const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages.filter((message) => message === 'login')).toHaveLength(1);
    expect(messages.filter((message) => message === 'login_refused')).toHaveLength(6);
    expect(messages.filter((message) => message === 'throttled')).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^[^\r\n\u001b]*\n$/);
    expect(lines.join('')).not.toMatch(/forged|example\.com|wrong/);
  });
});
