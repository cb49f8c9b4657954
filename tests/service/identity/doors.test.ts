import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation } from '../../../src/core/contract/operations.ts';
import { buildApp, type HttpApp } from '../../../src/service/http/app.ts';
import { DOORS, type Door, type DoorName, type Pace } from '../../../src/service/identity/doors.ts';
import { MAILED_CODE_LIFE_MS } from '../../../src/service/identity/mailed-codes.ts';
import { makePasswords, type Passwords } from '../../../src/service/identity/passwords.ts';
import { knock, openDoors, welcome, type Visitor } from '../../../src/service/identity/throttle.ts';
import { devicesOf } from '../../../src/service/store/devices.ts';
import { insertRegistration } from '../../../src/service/store/registrations.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const doors = Object.entries<Door>(DOORS) as [DoorName, Door][];

/** Who tries, from where. */
type Try = { readonly email: string; readonly address: string; readonly deviceToken?: string };
/** One way to come to a door, over HTTP as a stranger does; it is always a wrong try. */
type Way = {
  readonly door: DoorName;
  readonly knock: (app: HttpApp, by: Try, harness: Harness) => Promise<Response>;
};

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const post = async (app: HttpApp, path: string, { address }: Try, body: object | string) =>
  app.request(path, {
    method: 'POST',
    headers: { ...(typeof body === 'string' ? FORM : JSON_TYPE), 'x-forwarded-for': address },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** A registration that nobody asked for at a door, put into its table. */
async function registrationOf({ service }: Harness, email: string): Promise<string> {
  const { deps } = service;
  const id = deps.newId('registration');
  const at = new Date(deps.now()).toISOString();
  const hashes = { passwordHash: '', codeHash: id, linkHash: id };
  const row = { id, email, emailKey: email, displayName: 'Eve', phone: null, expiresAt: at, createdAt: at };
  await deps.engine.transact((tx) => insertRegistration(tx, { ...row, ...hashes }));
  return id;
}

const WRONG = { code: '0000-0000' };
const NEW = 'another+long+password+of+words';
const LINK = `token=${'x'.repeat(32)}`;

/**
 * Every operation that anybody may call and every page, by its name; and `token`, which comes with every other
 * operation. A text says why there is no door.
 */
const WAYS: Readonly<Record<string, Way | string>> = {
  register: {
    door: 'registration',
    knock: (app, by) =>
      post(app, '/v1/registrations', by, { email: by.email, displayName: 'Eve', password: PASSWORD }),
  },
  'resend-verification': {
    door: 'registration',
    knock: async (app, by, harness) =>
      post(app, `/v1/registrations/${await registrationOf(harness, by.email)}/mails`, by, {}),
  },
  'verify-email': {
    door: 'mailed-code',
    knock: (app, by) => post(app, '/v1/registrations/reg_nonesuch/verification', by, WRONG),
  },
  'POST /verify': { door: 'mailed-code', knock: (app, by) => post(app, '/verify', by, LINK) },
  'log-in': {
    door: 'login',
    knock: (app, by) => {
      const { email, deviceToken } = by;
      return post(app, '/v1/sessions', by, {
        email,
        password: 'not the right password',
        ...(deviceToken === undefined ? {} : { deviceToken }),
      });
    },
  },
  'request-unlock': {
    door: 'unlock',
    knock: (app, by) => post(app, '/v1/unlocks', by, { email: by.email }),
  },
  'confirm-unlock': {
    door: 'mailed-code',
    knock: (app, by) => post(app, '/v1/unlocks/mco_nonesuch/confirmation', by, WRONG),
  },
  'forgot-password': {
    door: 'mail',
    knock: (app, by) => post(app, '/v1/password-resets', by, { email: by.email }),
  },
  'reset-password': {
    door: 'mailed-code',
    knock: (app, by) =>
      post(app, '/v1/password-resets/mco_nonesuch/password', by, { ...WRONG, password: PASSWORD }),
  },
  'POST /reset': {
    door: 'mailed-code',
    knock: (app, by) => post(app, '/reset', by, `${LINK}&password=${NEW}&again=${NEW}`),
  },
  'GET /reset': {
    door: 'mailed-code',
    knock: async (app, { address }) =>
      app.request(`/reset?${LINK}`, { headers: { 'x-forwarded-for': address } }),
  },
  'verify-support-code': {
    door: 'mailed-code',
    knock: (app, by) => post(app, '/v1/support/proofs', by, { code: 'OKP-0000-0000-0000' }),
  },
  'POST /unlock': { door: 'mailed-code', knock: (app, by) => post(app, '/unlock', by, LINK) },
  token: {
    door: 'token',
    knock: async (app, { address }) =>
      app.request('/v1/me', { headers: { authorization: 'Bearer okp_none', 'x-forwarded-for': address } }),
  },
  'GET /verify': 'shows a button, whatever the token is',
  'GET /unlock': 'shows a button, whatever the token is',
  'GET /healthz': 'says that the process lives',
  'GET /readyz': 'says that the database answers',
  'GET /openapi.json': 'is public',
};

/** Doors that no operation of this table leads to: walked by hand, at the door itself. */
const BY_HAND: readonly DoorName[] = ['factor', 'proof'];

/** The table without one of its rows. */
const without = (left: string): typeof WAYS =>
  Object.fromEntries(Object.entries(WAYS).filter(([name]) => name !== left));

/** What anybody can reach and the table does not tell of, and doors that are not walked. */
function leftOut(app: HttpApp, ways: typeof WAYS): string[] {
  const operations = Object.entries<Operation>(OPERATIONS).filter(([, { role }]) => role === 'anyone');
  const pages = app.routes.filter(({ method, path }) => method !== 'ALL' && !/^\/(v1\/|\*)/.test(path));
  const reachable = [
    ...operations.map(([name]) => name),
    ...pages.map(({ method, path }) => `${method} ${path}`),
    'token',
  ];
  const walked = new Set([
    ...BY_HAND,
    ...Object.values(ways).flatMap((way) => (typeof way === 'string' ? [] : way.door)),
  ]);
  return [
    ...reachable.filter((name) => !Object.hasOwn(ways, name)),
    ...doors.map(([name]) => name).filter((name) => !walked.has(name)),
  ];
}

eachEngine((engine) => {
  let harness: Harness;
  let app: HttpApp;
  let hashed: number;
  let made: number;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    app = appOf(true);
    made = 0;
    const real = makePasswords({ memoryKib: 8, passes: 1 });
    hashed = 0;
    const counting: Passwords = {
      hash: (...given) => real.hash(...given),
      verify: (...given) => ((hashed += 1), real.verify(...given)),
    };
    Object.assign(harness.service.deps, { passwords: counting });
  });
  afterEach(() => harness.close());

  const appOf = (behindProxy: boolean) =>
    buildApp(harness.service, {
      publicUrl: 'https://pay.example.com',
      behindProxy,
      patienceMs: 10_000,
      isStopping: () => false,
    });
  /** Somebody and somewhere that was never seen before. */
  const newEmail = () => `new${(made += 1)}@example.com`;
  const newAddress = () => `198.18.${(made += 1) >> 8}.${made & 255}`;
  const waitOf = (response: Response) => Number(response.headers.get('retry-after'));
  const logIn = (email: string, more: object = {}, address = newAddress()) =>
    harness.service
      .perform(
        { operation: 'log-in', input: { email, password: PASSWORD, ...more } },
        { console: false, address },
      )
      .then(
        (answer) =>
          'output' in answer ? (answer.output as { token: string; deviceToken?: string }) : undefined,
        (error: { code: string; facts: Record<string, string> }) => error,
      );
  const prove = (who: Holder, password = PASSWORD) => who.client.call('prove', { password });
  const refused = (code: string) => expect.objectContaining({ code });
  const inside = expect.objectContaining({ token: expect.stringMatching(/^okp_/) as string });

  describe('the table of doors (ASVS V6.3.4): every way in has one, and each cell is walked', () => {
    it('tells of everything that anybody can reach; the control: one left out is missed', () => {
      expect(leftOut(app, WAYS)).toEqual([]);
      for (const name of Object.keys(WAYS)) {
        expect(leftOut(app, without(name))).toContain(name);
      }
      expect(leftOut(app, without('token'))).toEqual(['token', 'token']);
      for (const door of BY_HAND)
        expect(Object.values(WAYS).some((way) => typeof way !== 'string' && way.door === door)).toBe(false);
    });

    it('lets no wait for a mail outlast the code in the one before', () => {
      for (const door of ['mail', 'registration', 'unlock'] as const)
        expect(DOORS[door].account.longestWaitMs).toBe(MAILED_CODE_LIFE_MS);
    });

    /** Walks one counter: free tries, then waits that double, up to the longest; others are not made to wait. */
    async function walk(pace: Pace, tries: () => Promise<Response>, others: () => Promise<Response>) {
      for (let at = 1; at <= pace.free; at++) expect([at, (await tries()).status]).not.toEqual([at, 429]);
      let waitMs = pace.firstWaitMs;
      for (let at = 0; at < 4; at++) {
        const turnedAway = await tries();
        expect([turnedAway.status, waitOf(turnedAway)]).toEqual([429, waitMs / 1_000]);
        // Hammering does not make it longer, and waiting all but a moment is not waiting.
        harness.clock.advance(waitMs - 1);
        expect(waitOf(await tries())).toBe(1);
        expect((await others()).status).not.toBe(429);
        harness.clock.advance(1);
        expect((await tries()).status).not.toBe(429);
        waitMs = Math.min(pace.longestWaitMs, waitMs * 2);
      }
      harness.clock.advance(pace.forgetMs * 3);
      for (let at = 1; at <= pace.free; at++) expect((await tries()).status).not.toBe(429);
    }

    const ways = Object.entries(WAYS).filter((entry): entry is [string, Way] => typeof entry[1] !== 'string');
    const cells = ways.flatMap(([name, way]) =>
      (['account', 'source', 'device'] as const).map((column) => [name, column, way] as const),
    );

    it.each(cells)('%s by %s', async (_name, column, way) => {
      const door: Door = DOORS[way.door];
      const come = (by: Partial<Try>) =>
        way.knock(app, { email: newEmail(), address: newAddress(), ...by }, harness);
      if (column === 'account') {
        const email = newEmail();
        if (door.account)
          await walk(
            door.account,
            () => come({ email }),
            () => come({}),
          );
        else for (let at = 0; at < 30; at++) expect((await come({ email })).status).not.toBe(429);
      } else if (column === 'source') {
        const address = newAddress();
        // A mail door is walked for ever new accounts: each of them has its own wait.
        if (door.source)
          await walk(
            door.source,
            () => come({ address }),
            () => come({}),
          );
        else expect.unreachable('every way over the network has a pace for its source');
      } else if (way.door === 'login') {
        const { email } = await harness.holder('alice');
        const { deviceToken } = await harness.logIn(email);
        const [address, known] = [newAddress(), { email, ...(deviceToken ? { deviceToken } : {}) }];
        while ((await come({ email })).status !== 429);
        await walk(
          DOORS.login.account,
          () => come({ ...known, address }),
          () => come({}),
        );
      } else {
        // No other door is told of devices by its own caller.
        const by = { email: newEmail(), address: newAddress(), deviceToken: 'okd_none' };
        expect((await way.knock(app, by, harness)).status).not.toBe(429);
      }
    });

    it.each(BY_HAND)('%s by account, source and device', async (door) => {
      const { deps } = harness.service;
      const come = (visitor: Visitor) =>
        knock(deps, door, visitor).then(
          () => new Response(),
          (error: { status: number; facts: Record<string, string> }) =>
            new Response('', {
              status: error.status,
              headers: { 'retry-after': error.facts['retryAfter'] ?? '' },
            }),
        );
      const others = () => come({ account: newEmail(), address: newAddress() });
      const { account, source }: Door = DOORS[door];
      const [email, address, device] = [newEmail(), newAddress(), 'dev_1'];
      if (account) {
        await walk(account, () => come({ account: email, address: newAddress() }), others);
        await walk(account, () => come({ account: email, address: newAddress(), device }), others);
      }
      if (source) await walk(source, () => come({ account: newEmail(), address }), others);
    });
  });

  describe('nobody can lock a stranger out (ASVS V6.1.1)', () => {
    it('who failed 1,000 times on an account keeps its owner out nowhere for long', async () => {
      const { email } = await harness.holder('alice');
      const home = await logIn(email);
      hashed = 0;
      const stranger = newAddress();
      for (let at = 0; at < 1_000; at++)
        expect(await logIn(email, { password: 'wrong' }, stranger)).toHaveProperty('code');
      expect(hashed).toBe(DOORS.login.account.free);
      // From a known device at once, even from behind the stranger's own address.
      const known = await logIn(
        email,
        { deviceToken: (home as { deviceToken: string }).deviceToken },
        stranger,
      );
      expect(known).toEqual(inside);
      // From elsewhere in a moment.
      const elsewhere = await logIn(email);
      expect(elsewhere).toEqual(refused('too_many_attempts'));
      harness.clock.advance(
        Number((elsewhere as { facts: Record<string, string> }).facts['retryAfter']) * 1_000,
      );
      expect(await logIn(email)).toEqual(inside);
    });

    it('who waits out every wait, from everywhere, delays them by minutes; a mail lets them in at once', async () => {
      const { email } = await harness.holder('alice');
      for (let at = 0; at < 40; at++) {
        const answer = await logIn(email, { password: 'wrong' });
        const { retryAfter = '0' } = (answer as { facts: { retryAfter?: string } }).facts;
        expect(Number(retryAfter)).toBeLessThanOrEqual(15 * 60);
        harness.clock.advance(Number(retryAfter) * 1_000);
      }
      while (((await logIn(email, { password: 'wrong' })) as { code: string }).code !== 'too_many_attempts');
      expect(await logIn(email)).toMatchObject({
        code: 'too_many_attempts',
        facts: { next: 'okpay unlock' },
      });
      const { unlock } = await harness.call('request-unlock', { email });
      const { code = '' } = await harness.nextMail(email, 'unlock');
      await harness.call('confirm-unlock', { unlock, code });
      expect(await logIn(email)).toEqual(inside);
    });

    it('a hundred failures in a row are the end, however slowly they come: then only known devices and the mail get in', async () => {
      const { email } = await harness.holder('alice');
      const { deviceToken } = (await logIn(email)) as { deviceToken: string };
      hashed = 0;
      for (let at = 0; at < 200; at++) {
        await logIn(email, { password: 'wrong' });
        harness.clock.advance(at % 2 === 0 ? 15 * MINUTE_MS : 5 * HOUR_MS);
      }
      expect(hashed).toBe(100);
      harness.clock.advance(10 * DAY_MS);
      expect(await logIn(email)).toEqual(refused('too_many_attempts'));
      expect(await logIn('nobody@example.com')).toEqual(refused('credentials_invalid'));
      expect(await logIn(email, { deviceToken })).toEqual(inside);
      // What the owner did on the known device opens nothing for strangers.
      expect(await logIn(email, { password: 'wrong' })).toEqual(refused('too_many_attempts'));
      const { unlock } = await harness.call('request-unlock', { email });
      const { token = '' } = await harness.nextMail(email, 'unlock');
      await harness.call('confirm-unlock', { unlock, code: token });
      expect(await logIn(email)).toEqual(inside);
    });

    it('guesses on a known device close that device, and unlocking opens it too', async () => {
      const { email } = await harness.holder('alice');
      const { deviceToken } = (await logIn(email)) as { deviceToken: string };
      const thief = () => logIn(email, { password: 'wrong', deviceToken });
      for (let at = 0; at < 200; at++) {
        await thief();
        harness.clock.advance(15 * MINUTE_MS);
      }
      expect(await logIn(email, { deviceToken })).toEqual(refused('too_many_attempts'));
      // Its owner elsewhere is not touched by it.
      expect(await logIn(email)).toEqual(inside);
      const { unlock } = await harness.call('request-unlock', { email });
      const { code = '' } = await harness.nextMail(email, 'unlock');
      await harness.call('confirm-unlock', { unlock, code });
      expect(await logIn(email, { deviceToken })).toEqual(inside);
    });

    it.each(['a new password by mail', 'support'])('%s opens known devices and sessions too', async (way) => {
      const alice = await harness.holder('alice');
      const { deviceToken } = (await logIn(alice.email)) as { deviceToken: string };
      const guess = () => logIn(alice.email, { password: 'wrong', deviceToken });
      while (((await guess()) as { code: string }).code !== 'too_many_attempts');
      for (let at = 0; at < 5; at++) await expect(prove(alice, 'wrong')).rejects.toThrow();
      await expect(prove(alice)).rejects.toEqual(refused('too_many_attempts'));
      let password = PASSWORD;
      if (way === 'support') {
        const staff = await harness.staff('support');
        await staff.client.call('unlock-account', { holder: alice.id, reason: 'is made to wait' });
        await prove(alice);
      } else {
        password = 'another long password of words';
        const { reset } = await harness.call('forgot-password', { email: alice.email });
        const { code = '' } = await harness.nextMail(alice.email, 'forgot-password');
        await harness.call('reset-password', { reset, code, password });
      }
      expect(await logIn(alice.email, { password, deviceToken })).toEqual(inside);
    });

    it('what is guessed in a session is one count, whatever it is asked for', async () => {
      const alice = await harness.holder('alice');
      for (let at = 0; at < 3; at++) await expect(prove(alice, 'wrong')).rejects.toThrow();
      const password = 'another long password of words';
      const change = (current: string) => alice.client.call('change-password', { current, password });
      for (let at = 0; at < 2; at++) await expect(change('wrong')).rejects.toEqual(refused('password_wrong'));
      await expect(change(PASSWORD)).rejects.toEqual(refused('too_many_attempts'));
      // What was looked at and was wrong is in the holder's activity (ASVS V16.3.1).
      const { activity } = await alice.client.call('list-activity', { kind: 'refused' });
      expect(activity.map(({ action }) => action)).toEqual([
        'password-change-refused',
        'password-change-refused',
        'proof-refused',
        'proof-refused',
        'proof-refused',
      ]);
    });

    it('right codes from mails make nobody wait, however many come from one place', async () => {
      const address = newAddress();
      const { email } = await harness.holder('alice');
      const bob = await harness.holder('bob');
      const [{ code: proof = '' } = {}] = (await harness.mails()).map(({ text }) => ({
        code: /OKP(-[0-9A-Z]{4}){3}/.exec(text)?.[0],
      }));
      for (let at = 0; at <= DOORS['mailed-code'].source.free; at++) {
        const by = { email, address };
        expect(await (await post(app, '/v1/support/proofs', by, { code: proof })).json()).toMatchObject({
          genuine: true,
        });
      }
      for (let at = 0; at <= DOORS['mailed-code'].source.free; at++) {
        const { reset } = await harness.call('forgot-password', { email });
        const { code = '' } = await harness.nextMail(email, 'forgot-password');
        const path = `/v1/password-resets/${reset}/password`;
        const password = `a password made of ${at} words`;
        expect((await post(app, path, { email, address }, { code, password })).status).toBe(200);
      }
      // All whose place is not known are one place.
      const fromAfar = harness.client(bob.token, { console: false });
      for (let at = 0; at <= DOORS['mailed-code'].source.free; at++) {
        const email = `bob${at}@example.com`;
        const { change } = await bob.client.call('change-email', { email });
        const { code = '' } = await harness.nextMail(email, 'change-email');
        expect((await fromAfar.call('confirm-email', { change, code })).user.email).toBe(email);
      }
    });

    it('who keeps asking for mails leaves one in the mailbox whose link is good, whoever asked', async () => {
      const { email } = await harness.holder('alice');
      const ask = () =>
        harness.service.perform(
          { operation: 'request-unlock', input: { email } },
          { console: false, address: newAddress() },
        );
      const wasSent = () =>
        ask().then(
          () => true,
          () => false,
        );
      const tokens: (string | undefined)[] = [];
      for (let minute = 0; minute < 120; minute++) {
        while (await wasSent()) tokens.push((await harness.nextMail(email, 'unlock')).token);
        harness.clock.advance(MINUTE_MS);
      }
      expect(tokens.length).toBeLessThan(25);
      harness.clock.advance(-1);
      expect(await wasSent()).toBe(false);
      const answer = await post(app, '/unlock', { email, address: newAddress() }, `token=${tokens.at(-1)}`);
      expect(answer.status).toBe(200);
    });
  });

  describe('guessing is stopped', () => {
    it('10,000 accounts tried once each from one address: a few are looked at (ASVS V6.3.1)', async () => {
      const address = newAddress();
      let stopped = 0;
      for (let at = 0; at < 10_000; at++) {
        const { code } = (await logIn(`holder${at}@example.com`, {}, address)) as { code: string };
        if (code === 'too_many_attempts') stopped += 1;
      }
      expect([hashed, stopped]).toEqual([20, 9_980]);
      // The control: from as many addresses every one is looked at.
      for (let at = 0; at < 50; at++) await logIn(`holder${at}@example.com`);
      expect(hashed).toBe(70);
    });

    it('tries at the same time share no count', async () => {
      const { email } = await harness.holder('alice');
      hashed = 0;
      const all = await Promise.all(Array.from({ length: 100 }, () => logIn(email, { password: 'wrong' })));
      expect(hashed).toBeLessThanOrEqual(DOORS.login.account.free);
      expect(hashed).toBeGreaterThan(0);
      for (const answer of all)
        expect(['too_many_attempts', 'credentials_invalid', 'busy']).toContain(
          (answer as { code: string }).code,
        );
    });

    it('who is right takes back their own try and no other: a busy office never waits, a guesser gains nothing', async () => {
      const { email } = await harness.holder('alice');
      const office = newAddress();
      for (let at = 0; at < 60; at++) expect(await logIn(email, {}, office)).toEqual(inside);
      const guesser = newAddress();
      hashed = 0;
      for (let at = 0; at < 60; at++) {
        await logIn(newEmail(), {}, guesser);
        await logIn(email, {}, guesser);
      }
      // As many wrong ones as ever: the right ones in between were no help.
      const right = (await harness.client((await harness.logIn(email)).token).call('list-sessions', {}))
        .sessions;
      expect(right.length).toBeGreaterThan(0);
      expect(hashed).toBeLessThanOrEqual(2 * DOORS.login.source.free + 1);
    });

    it('the password of a registration of one’s own opens no door of the owner’s', async () => {
      const { email } = await harness.holder('alice');
      const mine = 'the password of a stranger';
      await harness.call('register', { email, displayName: 'Eve', password: mine });
      hashed = 0;
      for (let at = 0; at < 30; at++) {
        await logIn(email, { password: 'wrong' });
        await logIn(email, { password: mine });
      }
      expect(hashed).toBe(DOORS.login.account.free);
    });

    it('other ways to write an address or a path count as the same (ASVS V6.3.1)', async () => {
      await harness.holder('alice');
      hashed = 0;
      const emails = ['alice@example.com', 'ALICE@example.com', 'alice@EXAMPLE.com', 'ａlice@example.com'];
      const paths = [
        '/v1/sessions',
        '/V1/Sessions',
        '/v1/sessions/',
        '/v1//sessions',
        '/v1/%73essions',
        '/v1/./sessions',
        '/v1/x/../sessions',
        '//v1/sessions',
      ];
      for (const path of paths)
        for (const email of emails)
          for (let at = 0; at < 2; at++)
            await post(app, path, { email, address: newAddress() }, { email, password: 'wrong' });
      expect(hashed).toBe(DOORS.login.account.free);
    });

    it('an IPv6 network is one source by its /64, and IPv4 is the same inside IPv6 (ASVS V15.3.4)', async () => {
      const spread = async (addressOf: (at: number) => string) => {
        hashed = 0;
        for (let at = 1; at <= 40; at++) await logIn(newEmail(), {}, addressOf(at));
        return hashed;
      };
      expect(await spread((at) => `2001:db8:1:2:${at.toString(16)}::${at}`)).toBe(20);
      expect(await spread((at) => `2001:db8:1:${at.toString(16)}::1`)).toBe(39);
      expect(await spread((at) => (at % 2 === 0 ? '203.0.113.7' : '::ffff:203.0.113.7'))).toBe(20);
      expect(await spread((at) => (at % 2 === 0 ? '203.0.113.8' : '::ffff:cb00:7108'))).toBe(20);
      expect(await spread(() => 'nonsense')).toBe(20);
    });

    it('a forged X-Forwarded-For changes nothing (ASVS V4.1.3)', async () => {
      for (const behindProxy of [false, true]) {
        const { url } = await harness.serve({ behindProxy });
        hashed = 0;
        for (let at = 0; at < 40; at++) {
          const forged = `203.0.113.${at}`;
          // The proxy adds the address it sees; what stands before it came from the client.
          const seen = behindProxy ? `${forged}, 192.0.2.1` : forged;
          await fetch(`${url}/v1/sessions`, {
            method: 'POST',
            headers: {
              ...JSON_TYPE,
              'x-forwarded-for': seen,
              'x-real-ip': forged,
              forwarded: `for=${forged}`,
            },
            body: JSON.stringify({ email: newEmail(), password: 'wrong' }),
          });
        }
        expect([behindProxy, hashed]).toEqual([behindProxy, 20]);
      }
      const networks = harness.logged
        .filter(({ event }) => event === 'throttled')
        .map(({ network }) => network);
      expect(new Set(networks)).toEqual(new Set(['127.0.0.0/24', '192.0.2.0/24']));
    });

    it('good tokens never wait for bad ones', async () => {
      const { token } = await harness.holder('alice');
      const address = newAddress();
      const ask = (bearer: string) =>
        app.request('/v1/me', { headers: { authorization: `Bearer ${bearer}`, 'x-forwarded-for': address } });
      for (let at = 0; at < 30; at++) await ask(`okp_${at}`);
      expect((await ask('okp_x')).status).toBe(429);
      expect((await ask(token)).status).toBe(200);
    });
  });

  describe('whether there is an account cannot be told (ASVS V6.3.8)', () => {
    /** All that is seen of many tries in a row, ids and times made equal. */
    async function seen(email: string, tries: number, knock: (by: Try) => Promise<Response>) {
      const all = [];
      for (let at = 0; at < tries; at++) {
        const response = await knock({ email, address: newAddress() });
        const text = (await response.text())
          .replaceAll(email, 'address')
          .replaceAll(/(mco|reg)_\w{26}/g, '$1_');
        const headers = [...response.headers].filter(([name]) => name !== 'content-length');
        all.push([response.status, headers, text]);
      }
      return JSON.stringify(all);
    }

    it.each(['log-in', 'request-unlock', 'register', 'resend-verification'])(
      'by %s: known, waiting and unknown get one answer, also when they have to wait',
      async (name) => {
        const known = await harness.holder('known');
        await harness.call('register', {
          email: 'waiting@example.com',
          displayName: 'W',
          password: PASSWORD,
        });
        const emails = [known.email, 'waiting@example.com', 'nobody@example.com'];
        // The doors as they would be after a long time.
        harness.clock.advance(100 * DAY_MS);
        const way = WAYS[name] as Way;
        const all = [];
        for (const email of emails) all.push(await seen(email, 12, (by) => way.knock(app, by, harness)));
        expect(new Set(all).size).toBe(1);
        expect(all[0]).toContain('too_many_attempts');
      },
    );

    it('the table keeps no address that was typed, and does not grow for ever', async () => {
      const { engine: db } = harness.service.deps;
      for (let at = 0; at < 60; at++) await logIn(newEmail());
      const rows = await db.all<{ name: string }>('SELECT * FROM throttles');
      expect(rows.length).toBe(120);
      expect(inspect(rows)).not.toContain('example.com');
      harness.clock.advance(31 * DAY_MS);
      for (let at = 0; at < 10; at++) await logIn(newEmail());
      expect((await db.all('SELECT * FROM throttles')).length).toBeLessThan(30);
    });
  });

  it('opens all doors of an account and of nobody else', async () => {
    const { deps } = harness.service;
    const shut = async (door: DoorName, visitor: Visitor) => {
      for (let at = 0; at < 10; at++) await knock(deps, door, visitor).catch(() => undefined);
    };
    const isShut = (door: DoorName, visitor: Visitor) =>
      knock(deps, door, visitor).then(
        () => false,
        () => true,
      );
    const alice = await harness.holder('alice');
    const [mine] = await devicesOf(deps.engine, alice.id);
    const account = { user: alice.id, emailKey: alice.email };
    const ofTheAccount = [{ account: alice.email }, { account: alice.id }, { device: mine?.id }];
    const ofOthers = [{ account: 'b' }, { device: 'e' }];
    const withAccount = doors.filter(([, { account }]) => account).map(([name]) => name);
    for (const door of withAccount)
      for (const visitor of [...ofTheAccount, ...ofOthers]) await shut(door, visitor);
    await deps.engine.transact((tx) => openDoors(tx, account));
    for (const door of withAccount) {
      for (const visitor of ofTheAccount)
        expect([door, visitor, await isShut(door, visitor)]).toEqual([door, visitor, false]);
      for (const visitor of ofOthers)
        expect([door, visitor, await isShut(door, visitor)]).toEqual([door, visitor, true]);
    }
    await deps.engine.transact((tx) => welcome(tx, 'login', { account: 'b' }));
    expect(await isShut('login', { account: 'b' })).toBe(false);
  });
});
