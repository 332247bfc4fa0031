import {
  LISTEN_EXAMPLES,
  type ListenAddress,
  parseListenAddress,
  printListenAddress,
} from "../listen_address.ts";
import type { ConfigNode } from "../node.ts";
import type { JsonSchema } from "../schema.ts";

/** Most addresses in one list. */
const LISTEN_MAX = 16;

/** An empty list means: do not listen. */
export function parseListen(node: ConfigNode, port: number): ListenAddress[] {
  if (!node.present) {
    const address = { hostname: "", port };
    node.decide(printListenAddress(address));
    return [address];
  }
  const addresses: ListenAddress[] = [];
  const items = node.items();
  if (items.length > LISTEN_MAX) node.refuse(`more than ${LISTEN_MAX} addresses`);
  for (const item of items) {
    const tree = item.tree;
    const address = tree?.kind === "scalar" ? parseListenAddress(tree.text) : undefined;
    if (address === undefined) item.fail(`an address such as ${LISTEN_EXAMPLES}`);
    else addresses.push(address);
  }
  node.decide(`[${addresses.map((a) => JSON.stringify(printListenAddress(a))).join(", ")}]`);
  return addresses;
}

export function listenSchema(description: string): JsonSchema {
  const address: JsonSchema = { type: ["string", "integer"], examples: [":8080", "127.0.0.1:8080"] };
  return { anyOf: [address, { type: "array", items: address }], description };
}
