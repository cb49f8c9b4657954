import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { endSessions } from '../../identity/end-sessions.ts';
import { deleteDevice, devicesOf } from '../../store/devices.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Forgets one of the caller's devices and ends the sessions that began on it, the one that asks too if it did. Somebody
 * else's is `not_found`, like one that never was.
 */
export const forgetDevice: UseCase<'forget-device'> = async (deps, actor, { device }) => {
  const ended = await deps.engine.transact(async (tx) => {
    const found = (await devicesOf(tx, actor.user)).find(({ id }) => id === device);
    if (!found) throw new Refusal('not_found', { thing: 'device', id: device });
    await deleteDevice(tx, actor.user, device);
    await record(tx, deps, actor, {
      action: 'device-forgotten',
      object: device,
      facts: { name: found.name },
    });
    return endSessions(tx, deps, actor, actor.user, ({ deviceId }) => deviceId === device);
  });
  for (const { id } of ended) deps.log.info('session_revoked', { user: actor.user, session: id });
  return { ended: ended.map(({ id }) => id) };
};
