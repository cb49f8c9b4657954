import { Command, Option } from 'commander';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';

export type Options = { id?: string; allOthers?: boolean; device?: string };

/** `okpay session revoke ID`: ends one of your sessions, all others, or those on a device, wherever they are. */
export function revokeSessionCommand(run: Run<Options> = revokeSession) {
  const command = new Command()
    .argument('[id]', 'the session, as `okpay session list` shows it')
    .option('--all-others', 'end every session but this one')
    .addOption(
      new Option('--device <id>', 'forget a device, and end the sessions on it').conflicts('allOthers'),
    );
  return declare(command, run);
}

async function revokeSession(context: Context, { id, allOthers, device }: Options): Promise<void> {
  if ([id, allOthers, device].filter((each) => each !== undefined).length !== 1)
    throw new Refusal('usage_invalid', {
      reason: 'Name one session, or give --all-others or --device.',
      next: 'okpay session list',
    });
  const client = await context.client();
  const ended = await end();
  const { session } = context;
  if (!session.fromEnvironment && ended.includes(session.saved()?.session ?? '')) await session.forget();
  await context.show.answer(
    id === undefined
      ? { ended, ...(device === undefined ? {} : { device }) }
      : { session: id, revoked: true },
    (pen) => [
      id === undefined
        ? `${ended.length === 1 ? 'One session has' : `${ended.length} sessions have`} ended.`
        : `Session ${pen.text(id)} has ended. Its token no longer works.`,
      device && `Device ${pen.text(device)} is forgotten.`,
    ],
  );

  async function end(): Promise<readonly string[]> {
    if (device !== undefined) return (await client.call('forget-device', { device })).ended;
    if (id === undefined) return (await client.call('revoke-other-sessions', {})).ended;
    await client.call('revoke-session', { session: id });
    return [id];
  }
}
