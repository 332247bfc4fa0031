import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { listInterfaces } from "../../host/interfaces.ts";
import { bindUdp, type UdpSocket } from "../../host/udp.ts";
import {
  DISCOVERY_GROUP,
  DISCOVERY_PORT,
  parseProbeMatches,
  printProbe,
  PROBE_TYPES,
  type ProbeMatch,
} from "../../wire/protocol/onvif/probe.ts";

/** Devices that are listened to; more are left out. */
export const DEVICES_MAX = 1000;
/** Probes are sent so often, so far apart (ms): datagrams get lost, and devices answer after up to half a second. */
const ROUNDS = 3;
const ROUND_MILLIS = 400;

/** A device that answered. */
export interface FoundDevice extends ProbeMatch {
  /** Its device service, on the address that its answer came from. */
  readonly url: string;
}

export interface ProbeOptions {
  /** Names or addresses; none: all IPv4 interfaces but loopback. */
  readonly interfaces: readonly string[];
  /** How long answers are waited for. */
  readonly millis: number;
}

/** Asks all interfaces for devices. Throws where an interface is not known or none can be used. */
export async function probeNetwork(o: ProbeOptions, clock: Clock, log: Log): Promise<FoundDevice[]> {
  const devices = new Map<string, FoundDevice>();
  const take = (bytes: Uint8Array, _port: number, from: string) => {
    for (const match of parseProbeMatches(new TextDecoder().decode(bytes))) {
      if (devices.has(match.id) || devices.size >= DEVICES_MAX) continue;
      const url = serviceAt(match.addresses, from);
      if (url !== undefined) devices.set(match.id, { ...match, url });
    }
  };
  const sockets: UdpSocket[] = [];
  try {
    const reasons: string[] = [];
    for (const address of addressesOf(o.interfaces)) {
      try {
        const socket = await bindUdp({ address }, take);
        sockets.push(socket);
        socket.setMulticastInterface(address);
        socket.setMulticastTtl(1);
      } catch (e) {
        reasons.push(`${address}: ${e instanceof Error ? e.message : String(e)}`);
      }
    }
    if (sockets.length === 0) {
      throw new Error(`no interface to ask on${reasons.map((r) => `; ${r}`).join("")}`);
    }
    for (const reason of reasons) log.warn(`not asked on ${reason}`);
    const rounds = Math.min(ROUNDS, Math.max(1, Math.floor(o.millis / ROUND_MILLIS)));
    for (let round = 0; round < rounds; round++) {
      for (const socket of sockets) {
        for (const type of PROBE_TYPES) {
          const probe = new TextEncoder().encode(printProbe(crypto.randomUUID(), type));
          socket.send(probe, DISCOVERY_PORT, DISCOVERY_GROUP);
        }
      }
      const last = round === rounds - 1;
      await new Promise<void>((resolve) =>
        clock.after(last ? o.millis - round * ROUND_MILLIS : ROUND_MILLIS, resolve)
      );
    }
  } finally {
    for (const socket of sockets) socket.close();
  }
  return [...devices.values()];
}

function addressesOf(wanted: readonly string[]): string[] {
  const all = listInterfaces().filter((i) => i.family === 4);
  if (wanted.length === 0) return all.filter((i) => !i.internal).map((i) => i.address);
  return wanted.map((one) => {
    const found = all.find((i) => i.name === one || i.address === one);
    if (found !== undefined) return found.address;
    throw new Error(`no interface ${one}: there are ${[...new Set(all.map((i) => i.name))].join(", ")}`);
  });
}

/**
 * The device's address that is the sender's; else one with the sender's in its place: a login goes nowhere but to who
 * answered.
 */
export function serviceAt(addresses: readonly string[], from: string): string | undefined {
  const urls = addresses.filter((url) => URL.canParse(url)).map((url) => new URL(url));
  const own = urls.find((url) => url.hostname === from) ?? urls[0];
  if (own === undefined) return undefined;
  own.hostname = from;
  return own.href;
}
