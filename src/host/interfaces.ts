import { networkInterfaces } from "node:os";

/** One address of one of this machine's network interfaces. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Loopback. */
  readonly internal: boolean;
}

/** Addresses of this machine, in the system's order. */
export function listInterfaces(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, family, internal }): InterfaceAddress => ({
      name,
      address,
      family: family === "IPv6" ? 6 : 4,
      internal,
    }))
  );
}
