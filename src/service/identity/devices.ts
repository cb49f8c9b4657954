import { placeOf } from '../audit-log/network-of.ts';
import { record } from '../audit-log/record.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import {
  deleteDevice,
  deleteDevicesOf,
  deviceByToken,
  devicesOf,
  insertDevice,
  touchDevice,
  type DeviceRow,
} from '../store/devices.ts';
import type { Reader, Writer } from '../store/engine/engine.ts';
import { tokenHashOf } from './authenticate.ts';
import { makeDeviceToken } from './codes.ts';
import { TERMS } from '../terms.ts';

/** Devices an account may know; a new one makes the one forgotten that was not used for longest. */
const MOST_DEVICES = 50;

/**
 * The device that a token from an earlier login stands for, if the account of this e-mail address still knows it. That
 * is no proof of who it is: it only has its tries counted apart from those of strangers.
 */
export async function knownDevice(
  { engine, now }: Deps,
  emailKey: string,
  token: string | undefined,
): Promise<DeviceRow | undefined> {
  if (token === undefined) return undefined;
  const device = await deviceByToken(engine, tokenHashOf(token), emailKey);
  return device && isKnown(device, now()) ? device : undefined;
}

/** The devices an account knows, oldest first. */
export async function knownDevices(db: Reader, user: string, now: number): Promise<DeviceRow[]> {
  return (await devicesOf(db, user)).filter((device) => isKnown(device, now));
}

/**
 * Says that the owner of an account has logged in from a machine. One that the account does not know is made known, and
 * the owner is told by mail: the `token` is then to be kept on that machine. `by` is the owner, with the name of the machine.
 */
export async function admitDevice(
  tx: Writer,
  deps: Deps,
  by: Pick<Actor, 'role' | 'address' | 'console'> & { readonly user: string; readonly device: string },
  known: DeviceRow | undefined,
): Promise<{ readonly id: string; readonly token: string | undefined }> {
  const now = deps.now();
  const network = placeOf(by);
  if (known && (await touchDevice(tx, known.id, timestamp(now), network)))
    return { id: known.id, token: undefined };
  await makeRoom(tx, by.user, now);
  const id = deps.newId('device');
  const token = makeDeviceToken(deps.random);
  const device = { id, userId: by.user, name: by.device, network, createdAt: timestamp(now) };
  await insertDevice(tx, { ...device, tokenHash: tokenHashOf(token) });
  await record(tx, deps, by, { action: 'device-added', object: id });
  const about = { user: by.user, device: by.device, network, at: timestamp(now) };
  await haveMailed(tx, deps, 'mail.new-device', about);
  return { id, token };
}

/** Forgets every device of a user: whoever logs in next does so as a stranger. Ends no session. */
export async function forgetDevices(tx: Writer, user: string): Promise<void> {
  await deleteDevicesOf(tx, user);
}

async function makeRoom(tx: Writer, user: string, now: number): Promise<void> {
  const devices = await devicesOf(tx, user);
  const lastUse = ({ lastUsedAt, id }: DeviceRow) => `${lastUsedAt} ${id}`;
  const byUse = devices.toSorted((one, other) => (lastUse(one) < lastUse(other) ? 1 : -1));
  const kept = byUse.filter((device) => isKnown(device, now)).slice(0, MOST_DEVICES - 1);
  for (const device of devices) if (!kept.includes(device)) await deleteDevice(tx, user, device.id);
}

function isKnown({ lastUsedAt }: DeviceRow, now: number): boolean {
  return now - Date.parse(lastUsedAt) <= TERMS.deviceMs;
}
