import { isGroup } from "../../../base/multicast.ts";
import { lookup } from "../../../host/lookup.ts";
import { listInterfaces } from "../../../host/interfaces.ts";
import { PushRefused } from "../push.ts";

/** Where datagrams go, as a target says it. */
export interface Destination {
  /** Name or address; without brackets. */
  readonly host: string;
  readonly port: number;
  /** Name or address of the local interface; empty: the routing table's choice. */
  readonly interface: string;
}

const HOST = String.raw`\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+`;
const DESTINATION = new RegExp(String.raw`^[a-z]+://(${HOST}):(\d{1,5})(?:/([\w.:-]*))?$`);

/** Reads `scheme://host:port/interface`; undefined where it is none. */
export function parseDestination(url: string): Destination | undefined {
  const found = DESTINATION.exec(url);
  const port = Number(found?.[2]);
  if (found === null || port < 1 || port > 65_535) return undefined;
  return { host: (found[1] ?? "").replace(/^\[|\]$/g, ""), port, interface: found[3] ?? "" };
}

/** The same by the interface that the parameter names. Throws PushRefused where the URL names another one. */
export function byInterface(to: Destination, parameter: string): Destination {
  if (parameter === "" || parameter === to.interface) return to;
  if (to.interface === "") return { ...to, interface: parameter };
  throw new PushRefused(`two interfaces to send by, ${to.interface} and ${parameter}`);
}

/** A destination with addresses instead of names. */
export interface ResolvedDestination {
  readonly address: string;
  readonly port: number;
  readonly multicast: boolean;
  /** Address of the local interface; undefined: the routing table's choice. */
  readonly local: string | undefined;
}

/** Looks names up. Throws PushRefused for an interface that is not there; what the system says where it has no such name. */
export async function resolveDestination(to: Destination): Promise<ResolvedDestination> {
  const { address, family } = await lookup(to.host);
  const multicast = isGroup(address);
  return { address, port: to.port, multicast, local: localAddress(to.interface, family) };
}

function localAddress(name: string, family: 4 | 6): string | undefined {
  if (name === "") return undefined;
  const all = listInterfaces();
  const found = all.find((at) => at.family === family && (at.name === name || at.address === name));
  if (found !== undefined) return found.address;
  const known = [...new Set(all.map((at) => at.name))].join(", ");
  throw new PushRefused(`no interface ${name} with an IPv${family} address; there are ${known}`);
}
