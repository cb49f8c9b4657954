import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail that a server took. */
export type TakenMail = {
  /** The Message-ID. */
  readonly id: string;
  readonly to: string;
  /** Headers and body as they came. */
  readonly text: string;
};

export type MailServer = {
  /** What to set as OKPAY_SMTP_URL. */
  readonly url: string;
  readonly taken: readonly TakenMail[];
  readonly close: () => Promise<void>;
};

/** A mail server on the loopback address that takes everything and keeps it. */
export async function openMailServer(): Promise<MailServer> {
  const taken: TakenMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      text(stream).then(
        (message) => {
          taken.push({
            id: /^Message-ID: (\S+)/im.exec(message)?.[1] ?? '',
            to: session.envelope.rcptTo[0]?.address ?? '',
            text: message,
          });
          done();
        },
        // Whoever sends may be killed in the middle of a mail: then it was not taken.
        (error: Error) => done(error),
      );
    },
  });
  // Clients that are killed break their connections.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
