import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { addHolder } from '../../identity/add-holder.ts';
import { describeUser } from '../../identity/describe.ts';
import { checkDisplayName } from '../../identity/display-name.ts';
import { parseEmail } from '../../identity/email.ts';
import { knownPasswords } from '../../identity/known-passwords.ts';
import { checkNewPassword } from '../../identity/password-rules.ts';
import type { Reader, Writer } from '../../store/engine/engine.ts';
import { countStaff, setRole, userByEmail, type UserRow } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Adds the first member of staff, an administrator, without a mail: whoever sits at the machine that holds the database
 * owns it anyway. A holder becomes staff by giving their own password. Works once; afterwards `bootstrap_done`.
 */
export const bootstrapStaff: UseCase<'bootstrap-staff'> = async (deps, actor, input) => {
  const { address, key } = parseEmail(input.email);
  const displayName = checkDisplayName(input.displayName);
  await checkNewPassword(input.password, { email: address, displayName });
  await refuseWhenDone(deps.engine);

  const { user: holder, hashes } = await knownPasswords(deps.engine, key);
  if (holder && !(await deps.passwords.verify(input.password, [holder.passwordHash]))) {
    throw new Refusal('credentials_invalid');
  }
  const passwordHash = holder?.passwordHash ?? (await deps.passwords.hash(input.password, hashes[0]));
  const draft = { email: address, emailKey: key, displayName, phone: null, passwordHash, role: 'admin' };
  const user = await deps.engine.transact(async (tx) => {
    await refuseWhenDone(tx);
    const first = (await addHolder(tx, deps, draft)) ?? (await promote(tx, key, passwordHash));
    const facts = { role: 'admin' };
    await record(tx, deps, actor, { action: 'staff-added', subject: first.id, facts });
    return first;
  });
  deps.log.info('staff_bootstrapped', { user: user.id });
  return describeUser(user);
};

async function refuseWhenDone(db: Reader): Promise<void> {
  if ((await countStaff(db)) > 0n) throw new Refusal('bootstrap_done');
}

/** The account may have come to be since its password was checked: then it is somebody else's. */
async function promote(tx: Writer, emailKey: string, passwordHash: string): Promise<UserRow> {
  const user = await userByEmail(tx, emailKey);
  if (user?.passwordHash !== passwordHash) throw new Refusal('credentials_invalid');
  await setRole(tx, user.id, 'admin');
  return { ...user, role: 'admin' };
}
