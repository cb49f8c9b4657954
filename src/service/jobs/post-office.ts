import { accessSync, constants, existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { ok, problem, type Finding } from '../../core/checks/attempt.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Mail } from './mail.ts';

/** Takes mails to where they are going. */
export type PostOffice = {
  /** Resolves when the mail is out of our hands. `at` is its date in Unix milliseconds. */
  readonly send: (mail: Mail, at: number, signal: AbortSignal) => Promise<void>;
  /** Goes as far as one can without sending: the server's greeting, TLS and login, or whether the folder can be written. */
  readonly check: () => Promise<Finding>;
  /** Lets go of connections. Sending again opens new ones. */
  readonly close: () => void;
};

export type PostSettings = {
  /** Where mails are written as .eml files when no mail server is set. */
  readonly outboxDirectory: string;
  /** `smtp://user:password@host:port` or `smtps://…`. */
  readonly smtpUrl?: string;
  /** Who mails come from; the default is no-reply at the host of the public URL. */
  readonly mailFrom?: string;
};

/** How long a mail server may take to answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 30_000;
const CONNECTIONS = 4;

/**
 * Opens the way out for mail: a mail server, or a folder. Nothing is loaded or connected before the first mail.
 * Throws `input_invalid` for a mail server's URL that is none.
 */
export function openPostOffice(settings: PostSettings, publicUrl: string): PostOffice {
  const host = new URL(publicUrl).hostname;
  // An address literal or a bare name would be refused by most mail servers, and means nothing to people.
  const domain = isIP(host.replace(/^\[|\]$/g, '')) || !host.includes('.') ? 'okpay.invalid' : host;
  const letter = {
    from: settings.mailFrom ?? { name: 'OKpay', address: `no-reply@${domain}` },
    domain,
  };
  return settings.smtpUrl === undefined
    ? toFolder(settings.outboxDirectory, letter)
    : toServer(readSmtpUrl(settings.smtpUrl), letter);
}

type Letter = { readonly from: string | { name: string; address: string }; readonly domain: string };

/** Plain text to one address: the envelope is given, so no header can add a recipient. */
function messageOf(mail: Mail, { from, domain }: Letter, at: number) {
  return {
    from,
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    date: new Date(at),
    messageId: `<${mail.id}@${domain}>`,
    // RFC 3834: nothing may answer to it by itself.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** RFC 5322 files that only the user can read, each there whole or not at all. */
function toFolder(directory: string, letter: Letter): PostOffice {
  const open = async () => {
    const [{ createTransport }, files] = await Promise.all([
      import('nodemailer'),
      import('node:fs/promises'),
    ]);
    await files.mkdir(directory, { recursive: true, mode: 0o700 });
    return { files, transport: createTransport({ streamTransport: true, buffer: true, newline: 'windows' }) };
  };
  let opened: ReturnType<typeof open> | undefined;
  return {
    close: () => undefined,
    check: async () => checkFolder(directory),
    send: async (mail, at) => {
      opened ??= open();
      const { files, transport } = await opened.catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      const { message } = await transport.sendMail(messageOf(mail, letter, at));
      const name = `mal_${mail.id.slice(4)}.${mail.kind}.eml`;
      const draft = join(directory, `.${name}`);
      await files.writeFile(draft, message as Buffer, { mode: 0o600 });
      await files.rename(draft, join(directory, name));
    },
  };
}

/** The nearest folder that is there must let us write: the rest is made when it is needed. */
function checkFolder(directory: string): Finding {
  let folder = directory;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return problem(`Mails cannot be written into “${directory}” (${code}).`, `ls -ld '${folder}'`);
  }
  return ok(`No mail server is set: mails become files in ${directory}.`);
}

/** Nodemailer's codes in words. Its messages are not shown: a server may repeat the login in its answer. */
function whyNot(error: unknown): string {
  const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number };
  const known: Readonly<Record<string, string>> = {
    EAUTH: 'does not accept the login',
    ETLS: 'cannot be spoken to over TLS',
    EDNS: 'is not found',
    ETIMEDOUT: 'does not answer in time',
    ESOCKET: 'cannot be reached, or its certificate is not good',
    ECONNECTION: 'cannot be reached',
  };
  return `${known[code] ?? 'does not work'} (${[code, responseCode].filter(Boolean).join(' ')})`;
}

type Server = { host: string; port: number; secure: boolean; auth?: { user: string; pass: string } };

/** A mail server. TLS is demanded and its certificate checked, except on this very machine. */
function toServer(server: Server, letter: Letter): PostOffice {
  const isHere = ['localhost', '127.0.0.1', '::1'].includes(server.host);
  const open = async () => {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      ...server,
      pool: true,
      maxConnections: CONNECTIONS,
      ...(isHere ? { ignoreTLS: true } : { requireTLS: true }),
      tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: ANSWER_TIMEOUT_MS,
      dnsTimeout: CONNECT_TIMEOUT_MS,
    });
  };
  let transport: ReturnType<typeof open> | undefined;
  return {
    close: () => {
      void transport?.then((opened) => opened.close());
      transport = undefined;
    },
    check: async () => {
      transport ??= open();
      const where = `The mail server ${server.host} port ${server.port}`;
      try {
        await (await transport).verify();
      } catch (error) {
        return problem(`${where} ${whyNot(error)}.`, 'Check OKPAY_SMTP_URL.');
      }
      const how = isHere ? '' : ' over TLS';
      return ok(`${where} answers${how}${server.auth ? ' and accepts the login' : ''}.`);
    },
    send: async (mail, at, signal) => {
      transport ??= open();
      await (await transport).sendMail({ ...messageOf(mail, letter, at), signal });
    },
  };
}

/** Only host, port and login are read from the URL, so nothing in it can turn the checks of TLS off. */
function readSmtpUrl(text: string): Server {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    const reason = 'takes smtp://user:password@host:port or smtps://…';
    throw new Refusal('input_invalid', { field: 'OKPAY_SMTP_URL', reason });
  }
  const secure = url.protocol === 'smtps:';
  const auth = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    ...(auth.user === '' ? {} : { auth }),
  };
}
