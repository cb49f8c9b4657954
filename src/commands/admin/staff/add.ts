import { Command, Option } from 'commander';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Input } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readPassword, withPasswordFlags, type PasswordOptions } from '../../read-password.ts';
import { facts } from '../../show/blocks.ts';

export type Options = PasswordOptions & {
  email?: string;
  name?: string;
  role: Input<'add-staff'>['role'];
  bootstrap?: boolean;
  reason?: string;
};

/** `okpay admin staff add`: gives a holder a role; with --bootstrap makes the first member of staff, on this machine. */
export function addStaffCommand(run: Run<Options> = addStaff) {
  const command = new Command()
    .option('--email <address>', 'their e-mail address')
    .addOption(
      new Option('--role <role>', 'what they may do')
        .choices(['viewer', 'support', 'senior', 'admin'])
        .default('support'),
    )
    .option('--bootstrap', 'make the first member of staff, an admin; works once, where the database is')
    .option('--name <name>', 'their name (with --bootstrap)')
    .option('--reason <text>', 'why, for the record');
  return declare(withPasswordFlags(command), run);
}

async function addStaff(context: Context, options: Options): Promise<void> {
  const user = options.bootstrap ? await bootstrap(context, options) : await promote(context, options);
  await context.show.answer(user, (pen) => [
    `${pen.strong(pen.text(user.displayName))} is now staff.`,
    facts(['E-mail', pen.text(user.email)], ['Role', pen.text(user.role ?? '')], ['User', user.id]),
    options.bootstrap ? `Next: ${pen.strong(`okpay login --email ${pen.text(user.email)}`)}` : undefined,
  ]);
}

async function bootstrap(context: Context, options: Options) {
  if (context.url !== undefined) throw new Refusal('console_only');
  const { io } = context;
  const email = options.email ?? (await io.ask({ message: 'E-mail address', flag: '--email' }));
  const displayName = options.name ?? (await io.ask({ message: 'Name', flag: '--name' }));
  const password = await readPassword(context, options, true);
  const client = await context.strangerClient();
  return client.call('bootstrap-staff', { email, displayName, password });
}

async function promote(context: Context, options: Options) {
  const email = options.email ?? (await context.io.ask({ message: 'E-mail address', flag: '--email' }));
  const client = await context.client();
  const { role, reason } = options;
  return client.call('add-staff', { email, role, ...(reason === undefined ? {} : { reason }) });
}
