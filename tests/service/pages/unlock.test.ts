import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachEngine, openHarness, PASSWORD, type Harness } from '../../harness.ts';

const MINUTE_MS = 60_000;
const FORM = 'application/x-www-form-urlencoded';
const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let url: string;
  let email: string;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    url = (await harness.serve()).url;
    ({ email } = await harness.holder('alice'));
    for (let at = 0; at < 6; at++) await harness.logIn(email, 'wrong').catch(() => undefined);
    await expect(harness.logIn(email)).rejects.toEqual(refused('too_many_attempts'));
  });
  afterEach(() => harness.close());

  const ask = async () => {
    const { unlock } = await harness.call('request-unlock', { email });
    const { code = '', token = '' } = await harness.nextMail(email, 'unlock');
    return { unlock, code, token };
  };
  const press = (token: string) =>
    fetch(`${url}/unlock`, { method: 'POST', headers: { 'content-type': FORM }, body: `token=${token}` });
  const confirm = (unlock: string, code: string) => harness.call('confirm-unlock', { unlock, code });

  it('the link opens a page that changes nothing; its button unlocks, once, and logs nobody in', async () => {
    const { token } = await ask();
    for (let at = 0; at < 3; at++) {
      const page = await fetch(`${url}/unlock?token=${token}`);
      expect(page.status).toBe(200);
      const text = await page.text();
      expect(text).toMatch(/<button type="submit">\s*Unlock my account\s*<\/button>/);
      expect(text).not.toMatch(/<script|<link|<img|https?:|style="/);
    }
    await expect(harness.logIn(email)).rejects.toEqual(refused('too_many_attempts'));
    const done = await press(token);
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('okpay login')]);
    expect(done.headers.get('set-cookie')).toBeNull();
    await expect(harness.logIn(email)).resolves.toHaveProperty('token');
    const again = await press(token);
    expect([again.status, await again.text()]).toEqual([422, expect.stringContaining('okpay unlock')]);
  });

  it('a code is good once, for ten minutes, for five tries, and from the newest mail only (ASVS V6.4.1, V6.5.5)', async () => {
    const [older, newer] = [await ask(), await ask()];
    await expect(confirm(older.unlock, older.code)).rejects.toEqual(refused('code_invalid'));
    await expect(confirm(newer.unlock, '0000-0000')).rejects.toMatchObject({
      facts: { next: 'okpay unlock' },
    });
    await confirm(newer.unlock, newer.code);
    await expect(confirm(newer.unlock, newer.code)).rejects.toEqual(refused('code_invalid'));
    const late = await ask();
    harness.clock.advance(10 * MINUTE_MS);
    await expect(confirm(late.unlock, late.code)).rejects.toEqual(refused('code_invalid'));
    const guessed = await ask();
    for (let at = 0; at < 5; at++) await confirm(guessed.unlock, '0000-0000').catch(() => undefined);
    await expect(confirm(guessed.unlock, guessed.code)).rejects.toEqual(refused('code_invalid'));
  });

  it('a link for something else opens nothing here, nor this one there (ASVS V9.2.2)', async () => {
    await harness.call('register', { email: 'new@example.com', displayName: 'New', password: PASSWORD });
    const { token: other = '' } = await harness.nextMail('new@example.com', 'verify');
    const { token } = await ask();
    expect((await press(other)).status).toBe(422);
    const verify = await fetch(`${url}/verify`, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: `token=${token}`,
    });
    expect(verify.status).toBe(422);
    expect((await press(token)).status).toBe(200);
  });

  it('an address without an account gets the same answer and no mail', async () => {
    const answer = await harness.call('request-unlock', { email: 'nobody@example.com' });
    expect(Object.keys(answer)).toEqual(Object.keys(await harness.call('request-unlock', { email })));
    await harness.nextMail(email, 'unlock');
    expect((await harness.mails()).filter(({ to }) => to === 'nobody@example.com')).toEqual([]);
    await expect(confirm(answer.unlock, '0000-0000')).rejects.toEqual(refused('code_invalid'));
  });
});
