import { Command } from 'commander';
import type { OkpayClient } from '../../core/client.ts';
import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { writeNewFile } from '../new-file.ts';
import { readPassword, withPasswordFlags, type PasswordOptions } from '../read-password.ts';
import { showAside } from '../show/aside.ts';
import { facts } from '../show/blocks.ts';
import { recoveryCodeBlocks } from '../show/recovery-codes.ts';

export type Options = PasswordOptions & { secretFile?: string };

type Begun = Output<'begin-second-factor'>;
type Enabled = Output<'enable-second-factor'>;

const QUESTION = { message: 'The code that the app shows now', flag: '--secret-file' };
/** How often a first code may be mistyped. */
const TRIES = 3;

/** `okpay 2fa enable`: shows the secret as a QR code and as text; on only after a first right code. */
export function enableSecondFactorCommand(run: Run<Options> = enableSecondFactor) {
  const command = new Command()
    .description(
      'Turns the second factor on: scan the QR code with an authenticator app and type the code that the app shows. From then on a login takes a code too, and you get ten recovery codes for when the app is lost.',
    )
    .option(
      '--secret-file <path>',
      'for programs: write the secret to this new file instead of showing it, and take the first code from it; OKPAY_TOTP_SECRET can name the file then',
    );
  return declare(withPasswordFlags(command), run);
}

async function enableSecondFactor(context: Context, options: Options): Promise<void> {
  const { io, show } = context;
  const { secretFile } = options;
  // Where there is nobody to ask, this says so before anything else is done.
  if (secretFile === undefined && !io.interactive) await io.ask(QUESTION);
  const client = await context.client();
  const password = await readPassword(context, options);
  const begun = await client.call('begin-second-factor', { password });
  const enabled =
    secretFile === undefined
      ? await withApp(context, client, begun)
      : await withFile(client, begun, secretFile);
  const answer = { ...enabled, ...(secretFile === undefined ? {} : { secretFile }) };
  await show.answer(answer, (pen) => [
    `The second factor is ${pen.good('on')}. From now on a login takes a code too.`,
    enabled.sessionsEnded === 0 ? undefined : `Other sessions that were ended: ${enabled.sessionsEnded}.`,
    secretFile === undefined
      ? undefined
      : facts(
          ['Secret', pen.text(secretFile, 500)],
          ['Use it', `OKPAY_TOTP_SECRET=${pen.text(secretFile, 500)}`],
        ),
    ...recoveryCodeBlocks(enabled.recoveryCodes, pen),
  ]);
}

async function withApp(context: Context, client: OkpayClient, { secret, uri }: Begun): Promise<Enabled> {
  const { io } = context;
  const { drawQr } = await import('../show/qr.ts');
  const { lines, width } = await drawQr(uri, io.colour.stderr);
  const columns = (io.stderr as { columns?: number }).columns ?? Infinity;
  io.note(
    width <= columns
      ? lines.join('\n')
      : `The terminal is too narrow for the QR code, which takes ${width} columns.`,
  );
  await showAside(io, context.now, (pen) => [
    'Scan this with an authenticator app, or type the secret into it. Nobody else may see it.',
    facts(['Secret', pen.strong(inFours(secret))]),
  ]);
  // In one piece, however long it is: it is there to be copied.
  io.note(`${uri}\n`);
  for (let tries = 1; ; tries++) {
    const code = await io.ask(QUESTION);
    try {
      return await client.call('enable-second-factor', { code });
    } catch (error) {
      const isWrong = error instanceof Refusal && error.code === 'second_factor_invalid';
      if (!isWrong || tries === TRIES) throw error;
      io.note(error.message);
    }
  }
}

/** The file is there before the factor is on: nobody is locked out by a disk that is full. */
async function withFile(client: OkpayClient, { secret, codeAt }: Begun, path: string): Promise<Enabled> {
  await writeNewFile(path, lineOf(secret), false);
  const { totpCode } = await import('../../core/totp.ts');
  return client.call('enable-second-factor', { code: totpCode(secret, Date.parse(codeAt)) });
}

async function* lineOf(text: string): AsyncGenerator<string> {
  yield `${text}\n`;
}

function inFours(secret: string): string {
  return (secret.match(/.{1,4}/g) ?? []).join(' ');
}
