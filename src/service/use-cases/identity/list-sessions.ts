import { isAlive } from '../../identity/authenticate.ts';
import { describeSession } from '../../identity/describe.ts';
import { knownDevices } from '../../identity/devices.ts';
import { sessionsOf } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/** The sessions that can still be used, and the devices the account knows, oldest first. */
export const listSessions: UseCase<'list-sessions'> = async (deps, actor) => {
  const sessions = await sessionsOf(deps.engine, actor.user);
  const devices = await knownDevices(deps.engine, actor.user, deps.now());
  return {
    sessions: sessions
      .filter((session) => isAlive(session, deps.now()))
      .map((session) => describeSession(session, actor.session)),
    devices: devices.map(({ id, name, network, createdAt, lastUsedAt }) => ({
      id,
      name,
      network,
      createdAt,
      lastUsedAt,
      current: id === actor.deviceId,
    })),
  };
};
