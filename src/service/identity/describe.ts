import type { Output } from '../../core/contract/operations.ts';
import type { SessionRow } from '../store/sessions.ts';
import type { UserRow } from '../store/users.ts';

/** A user as the contract shows them to themselves and to staff. */
export function describeUser(user: UserRow): Output<'get-me'>['user'] {
  return {
    id: user.id,
    email: user.email,
    displayName: user.displayName,
    ...(user.phone === null ? {} : { phone: user.phone }),
    ...(user.role === null ? {} : { role: user.role }),
    createdAt: user.createdAt,
  };
}

/** A session as the contract shows it; `current` is the session that asks. */
export function describeSession(
  session: SessionRow,
  current: string,
): Output<'list-sessions'>['sessions'][number] {
  const { id, device, deviceId, network, createdAt, lastUsedAt, expiresAt } = session;
  return {
    id,
    device,
    ...(deviceId === null ? {} : { deviceId }),
    network,
    createdAt,
    lastUsedAt,
    expiresAt,
    current: id === current,
  };
}
