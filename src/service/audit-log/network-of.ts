import { isIPv4, isIPv6 } from 'node:net';

/**
 * The network an address is in: /24 of IPv4, /64 of IPv6, which is what one customer is given (RFC 6177). Whole addresses
 * are not kept. `unknown` for what is no address.
 */
export function networkOf(address: string | undefined): string {
  const source = sourceOf(address);
  return isIPv4(source) ? `${source.split('.').slice(0, 3).join('.')}.0/24` : source;
}

/** Who counts as one at an address: the address itself of IPv4, its /64 of IPv6. `unknown` for what is no address. */
export function sourceOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return 'unknown';
  const groups = groupsOf(address);
  const isMapped = /^(0:){5}ffff:/.test(groups.join(':'));
  if (!isMapped) return `${groups.slice(0, 4).join(':')}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join('.');
}

/** From where somebody calls, for people: `console` is this very machine. */
export function placeOf({
  console,
  address,
}: {
  readonly console: boolean;
  readonly address: string | undefined;
}): string {
  return console ? 'console' : networkOf(address);
}

/** The eight groups of an IPv6 address, in small hexadecimal digits without leading zeros. */
function groupsOf(address: string): string[] {
  const [host = ''] = address.split('%');
  // The URL parser writes every spelling of an address in one way (RFC 5952).
  const [head = '', tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: gap }, () => '0'), ...back];
}
