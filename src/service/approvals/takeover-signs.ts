import { timestamp, type Deps } from '../deps.ts';
import { recordsAbout } from '../store/audit-log.ts';
import { newDeviceSince } from '../store/new-devices.ts';
import { restrictionsThatHold } from '../store/restrictions.ts';

/** How far back signs are looked for, in milliseconds. */
const LOOK_BACK_MS = 72 * 3_600_000;

/** What somebody who took an account over would change, as the audit log has it. */
const TAKEOVER_CHANGES: readonly string[] = [
  'password-changed',
  'password-reset',
  'email-changed',
  'factor-enabled',
  'factor-disabled',
];

/**
 * Signs that an account may be in other hands, for people; none when there are none. Such signs are a restriction of
 * logging in, and a machine that was new lately beside a change of what keeps strangers out.
 */
export async function takeoverSigns(
  { engine, now }: Pick<Deps, 'engine' | 'now'>,
  user: string,
): Promise<string[]> {
  const since = timestamp(now() - LOOK_BACK_MS);
  const [restrictions, device, [change]] = await Promise.all([
    restrictionsThatHold(engine, user, 'log-in'),
    newDeviceSince(engine, user, since),
    recordsAbout(engine, user, { actions: TAKEOVER_CHANGES, limit: 1 }),
  ]);
  const isRecent = device !== undefined && change !== undefined && change.at > since;
  return [
    ...(restrictions.length > 0 ? ['logging in is restricted'] : []),
    ...(isRecent ? [`a new machine at ${device.createdAt} and ${change.action} at ${change.at}`] : []),
  ];
}
