import { lookup as systemLookup } from "node:dns/promises";

/** An address of a host, as the system's resolver gives it; an address is its own. Rejects where there is none. */
export async function lookup(host: string): Promise<{ readonly address: string; readonly family: 4 | 6 }> {
  const { address, family } = await systemLookup(host);
  return { address, family: family === 6 ? 6 : 4 };
}

/** Every address that a name has now. Rejects where there is none. */
export async function lookupAll(host: string): Promise<readonly string[]> {
  return (await systemLookup(host, { all: true })).map(({ address }) => address);
}
