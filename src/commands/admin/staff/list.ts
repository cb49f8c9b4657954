import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { table } from '../../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay admin staff list`: who works here, and as what. */
export function listStaffCommand(run: Run<Options> = listStaff) {
  return declare(new Command(), run);
}

async function listStaff(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-staff', {});
  await context.show.answer(answer, (pen) => [
    table(
      ['Name', 'Role', 'E-mail', 'User'],
      answer.staff.map(({ id, displayName, email, role = '' }) => [
        pen.strong(pen.text(displayName, 60)),
        pen.text(role),
        pen.text(email, 254),
        id,
      ]),
      'Nobody is of the staff.',
    ),
  ]);
}
