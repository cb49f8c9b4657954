import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** The environment variables that are read, and what each does. */
export const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['OKPAY_HOME', 'where profiles, sessions and the database are kept'],
  ['OKPAY_PROFILE', 'which login to use, like --profile'],
  ['OKPAY_URL', 'which server to use, like --url; none: the wallet on this machine'],
  ['OKPAY_TOKEN', 'a token for programs, or of a session; it goes before what login keeps'],
  ['OKPAY_PASSWORD', 'your password, wherever one is asked for and nobody can be asked'],
  ['OKPAY_TOTP_SECRET', 'the secret of your second factor, or the file it is in: codes are made from it'],
  ['OKPAY_NEW_PASSWORD', 'the new password for password change and reset, where nobody can be asked'],
  ['OKPAY_DATABASE_URL', 'the database of the service: sqlite:PATH or postgres://…'],
  ['OKPAY_KEYS', 'the file of keys that seal secrets; beside an SQLite database when left out'],
  ['OKPAY_SMTP_URL', 'the mail server of the service; none: mails become files in the outbox'],
  [
    'OKPAY_RATES_URL',
    'where the service fetches rates of exchange from; https, a file as the ECB writes them',
  ],
  ['OKPAY_PUBLIC_URL', 'what links in mails begin with, like serve --public-url'],
  ['OKPAY_NAME_CHECK_URL', 'whom the service asks in whose name a bank account is; none: it does not ask'],
  ['OKPAY_LOG_LEVEL', 'what a server logs, like serve --log-level'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'where a server sends OpenTelemetry traces; none: it makes none'],
  ['OKPAY_DEBUG', '1 shows where an unexpected error came from'],
  ['NO_COLOR', 'no colour, like --no-color'],
  ['CI', 'never ask anything'],
];

/** `okpay help environment`: what can be set from outside, and what it is now, secrets left out. */
export function environmentCommand(run: Run<Options> = environmentTopic) {
  return declare(new Command(), run);
}

async function environmentTopic({ show, environment, places }: Context): Promise<void> {
  const answer = VARIABLES.map(([name, meaning]) => ({ name, meaning, isSet: Boolean(environment[name]) }));
  await show.answer({ environment: answer, places: { config: places.config, data: places.data } }, (pen) => [
    table(
      ['Variable', 'Now', 'Meaning'],
      answer.map(({ name, meaning, isSet }) => [
        pen.strong(name),
        isSet ? pen.good('set') : pen.dim('-'),
        meaning,
      ]),
      '',
    ),
    '',
    'A flag goes before the environment, which goes before the profile.',
    `Settings are in ${places.config}, data in ${places.data}.`,
  ]);
}
