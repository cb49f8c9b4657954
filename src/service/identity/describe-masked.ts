import type { Output } from '../../core/contract/operations.ts';
import type { UserRow } from '../store/users.ts';
import { maskEmail, maskPhone } from './mask.ts';

/** A holder for staff who need no more than to know which one it is. */
export function describeMasked(
  user: Pick<UserRow, 'id' | 'displayName' | 'email' | 'phone' | 'createdAt'>,
): Output<'look-at-timeline'>['holder'] {
  return {
    id: user.id,
    name: user.displayName,
    email: maskEmail(user.email),
    ...(user.phone === null ? {} : { phone: maskPhone(user.phone) }),
    createdAt: user.createdAt,
  };
}
