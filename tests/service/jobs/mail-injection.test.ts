import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMailServer, type MailServer } from '../../mail-server.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';

const HEADERS =
  /^(auto-submitted|from|to|subject|message-id|date|content-transfer-encoding|mime-version|content-type)$/;
const EVIL = 'phone\r\nBcc: eve@example.com\r\n\r\nSend your code to eve@example.com\u202e\u0000';
const NEW = 'seven ravens over the old mill';

let server: MailServer;
let harness: Harness;
beforeEach(async () => {
  server = await openMailServer();
  harness = await openHarness({ settings: { smtpUrl: server.url } });
});
afterEach(async () => {
  await harness.close();
  await server.close();
});

/** Waits for so many mails that are about something, as the mail server took them. */
const taken = async (subject: RegExp, count: number) => {
  const found = async () => {
    const mails = await Promise.all(
      server.taken.map(async (each) => ({ ...each, mail: await simpleParser(each.text) })),
    );
    return mails.filter(({ mail }) => subject.test(mail.subject ?? ''));
  };
  await expect.poll(async () => (await found()).length).toBe(count);
  return found();
};

describe('what people write into names, devices and addresses (ASVS V1.3.11)', () => {
  it('makes no header and no other recipient of a mail about passwords and addresses', async () => {
    const email = 'alice@example.com';
    const { registration } = await harness.call('register', {
      email,
      displayName: 'Alice',
      password: PASSWORD,
    });
    const [first] = await taken(/Confirm your e-mail/, 1);
    const code = /okpay verify (\S+)/.exec(first?.mail.text ?? '')?.[1] ?? '';
    await harness.call('verify-email', { registration, code });
    // The schema takes no NUL; everything else gets as far as the mail.
    const device = EVIL.replace('\0', '');
    const log = await harness.call('log-in', { email, password: PASSWORD, device });
    await harness.call('log-in', { email, password: PASSWORD, device });
    const client = harness.client(log.token);
    await client.call('change-password', { current: PASSWORD, password: NEW });
    await client.call('change-email', { email: 'alice@example.org' });
    await harness.call('forgot-password', { email });

    const mails = [
      ...(await taken(/password was changed/, 1)),
      ...(await taken(/may move/, 1)),
      ...(await taken(/new e-mail address/, 1)),
      ...(await taken(/Set a new password/, 1)),
    ];
    expect(mails.map(({ to }) => to)).toEqual([email, email, 'alice@example.org', email]);
    for (const { mail, to } of mails) {
      for (const { key } of mail.headerLines) expect(key).toMatch(HEADERS);
      expect([mail.to].flat().map((each) => each?.text)).toEqual([to]);
      expect([mail.cc, mail.bcc]).toEqual([undefined, undefined]);
      expect(mail.text).not.toMatch(/^(Bcc|Send your code)/m);
    }
    // The control: the device is in there, on one line, with marks for what cannot be seen.
    expect(mails[0]?.mail.text).toContain('phone\u{fffd}\u{fffd}Bcc: eve@example.com');
  });

  it.each([
    ['an address', 'forgot-password', { email: 'alice@example.com\r\nBcc: eve@example.com' }],
    ['two addresses', 'forgot-password', { email: 'alice@example.com,eve@example.com' }],
    ['an address with a name', 'forgot-password', { email: 'Alice <alice@example.com>' }],
    ['an encoded word', 'forgot-password', { email: '=?utf-8?q?alice=0ABcc:?=@example.com ' }],
    ['a name', 'register', { email: 'bob@example.com', displayName: EVIL, password: PASSWORD }],
  ] as const)(
    '%s with a line end or more in it is refused, and nothing is sent',
    async (_what, operation, input) => {
      await expect(harness.call(operation, input as never)).rejects.toMatchObject({ status: 400 });
      expect(server.taken).toEqual([]);
    },
  );
});
