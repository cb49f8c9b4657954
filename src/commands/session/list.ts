import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay session list`: every place you are logged in at, and the devices your account knows. */
export function listSessionsCommand(run: Run<Options> = listSessions) {
  return declare(new Command(), run);
}

async function listSessions(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-sessions', {});
  await context.show.answer(answer, (pen) => {
    const mark = (current: boolean) => (current ? ` ${pen.good('(this one)')}` : '');
    return [
      table(
        ['Session', 'Device', 'Network', 'Last used', 'Until'],
        answer.sessions.map((each) => [
          pen.text(each.id),
          `${pen.text(each.device, 40)}${mark(each.current)}`,
          pen.text(each.network),
          pen.shortTime(each.lastUsedAt),
          pen.shortTime(each.expiresAt).slice(0, 10),
        ]),
        'No sessions.',
      ),
      '',
      table(
        ['Known device', 'Name', 'Network', 'Last used'],
        answer.devices.map((each) => [
          pen.text(each.id),
          `${pen.text(each.name, 40)}${mark(each.current)}`,
          pen.text(each.network),
          pen.shortTime(each.lastUsedAt),
        ]),
        'No devices are known.',
      ),
    ];
  });
}
