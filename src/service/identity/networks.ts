import { isIP } from 'node:net';
import { Refusal } from '../../core/contract/refusals.ts';

/** What a call from this very process counts as coming from. */
const THIS_MACHINE = '127.0.0.1';

/**
 * Reads a network as people write it: an address, or one with the number of bits that count, such as `192.0.2.0/24` or
 * `2001:db8::/32` (RFC 4632, RFC 4291). Returns it with its bits. Throws `input_invalid` naming the field.
 */
export function readNetwork(text: string, field: string): string {
  const [, address = '', bits] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  const count = bits === undefined ? most : Number(bits);
  if (most !== -1 && count <= most) return `${address.toLowerCase()}/${count}`;
  throw new Refusal('input_invalid', {
    field,
    reason: 'takes an address or a network, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
  });
}

/** Whether a caller is in one of these networks, as readNetwork gives them. What has no address is in none. */
export async function isFrom(
  networks: readonly string[],
  { address, console }: { readonly address?: string | undefined; readonly console: boolean },
): Promise<boolean> {
  const from = address ?? (console ? THIS_MACHINE : '');
  const family = isIP(from);
  if (family === 0) return false;
  // Loads more of node:net than short commands should pay for.
  const { BlockList } = await import('node:net');
  const allowed = new BlockList();
  for (const network of networks) {
    const [start = '', bits = ''] = network.split('/');
    allowed.addSubnet(start, Number(bits), isIP(start) === 4 ? 'ipv4' : 'ipv6');
  }
  return allowed.check(from, family === 4 ? 'ipv4' : 'ipv6');
}
