import {
  LISTEN_EXAMPLES,
  type ListenAddress,
  parseListenAddress,
  printListenAddress,
} from "../listen_address.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { folderOf, resolvePath } from "../paths.ts";
import { type JsonSchema, optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

/** Where viewers come in. */
export interface HttpConfig {
  /** Plain HTTP; may be empty when `tls` is there. */
  readonly listen: readonly ListenAddress[];
  readonly tls: TlsConfig | undefined;
  readonly http2: boolean;
  readonly http3: boolean;
  /** Egress workers; 0: as many as the machine suggests. */
  readonly workers: number;
}

/** HTTPS beside plain HTTP. Paths are absolute or relative to the working directory. */
export interface TlsConfig {
  readonly listen: readonly ListenAddress[];
  readonly cert: string;
  readonly key: string;
}

const PORT = {
  name: "port",
  type: { kind: "integer", min: 0, max: 65535 },
  default: 8080,
  help: "Port on every interface, in place of listen; 0 takes any free one",
} as const satisfies OptionDescriptor;
const HTTP2 = {
  name: "http2",
  type: { kind: "boolean" },
  default: true,
  help: "HTTP/2 on the TLS addresses",
} as const satisfies OptionDescriptor;
const HTTP3 = {
  name: "http3",
  type: { kind: "boolean" },
  default: false,
  help: "HTTP/3 (QUIC) on the TLS addresses",
} as const satisfies OptionDescriptor;
const WORKERS = {
  name: "workers",
  type: { kind: "integer", min: 0, max: 64 },
  default: 0,
  help: "Threads that serve viewers; 0 chooses by the number of cores",
} as const satisfies OptionDescriptor;
const CERT = {
  name: "cert",
  type: { kind: "text", maxLength: 4096 },
  default: undefined,
  help: "PEM file with the certificate and its chain, relative to the configuration file",
} as const satisfies OptionDescriptor;
const KEY = {
  name: "key",
  type: { kind: "text", maxLength: 4096 },
  default: undefined,
  help: "PEM file with the private key, relative to the configuration file",
} as const satisfies OptionDescriptor;

const OPTIONS = [PORT, HTTP2, HTTP3, WORKERS] as const;
const LISTEN_HELP = `Addresses to listen on, such as ${LISTEN_EXAMPLES}; one or a list`;
/** Most addresses in one list. */
const LISTEN_MAX = 16;

export const HTTP_SECTION: Section<HttpConfig> = {
  name: "http",
  help: "HTTP server for viewers",
  options: OPTIONS,
  parse(node: ConfigNode): HttpConfig {
    node.allow([...OPTIONS.map((o) => o.name), "listen", "tls"]);
    const given = choosesListen(node)
      ? parseListen(node.field("listen"), 8080)
      : [{ hostname: "", port: node.option(PORT) }];
    return {
      listen: given,
      tls: parseTls(node.field("tls")),
      http2: node.option(HTTP2),
      http3: node.option(HTTP3),
      workers: node.option(WORKERS),
    };
  },
  schema: () =>
    optionsSchema(HTTP_SECTION.help, OPTIONS, { listen: listenSchema(LISTEN_HELP), tls: tlsSchema() }),
};

/** True when `listen` counts, not `port`. From outside any file (command line, environment) either wins over a file. */
function choosesListen(node: ConfigNode): boolean {
  const port = node.field("port");
  const listen = node.field("listen");
  if (!listen.present || !port.present) return listen.present;
  if (listen.fromOutside || port.fromOutside) return listen.fromOutside;
  port.refuse("give either port or listen, not both");
  return true;
}

function parseTls(node: ConfigNode): TlsConfig | undefined {
  if (!node.present) return undefined;
  node.allow(["listen", CERT.name, KEY.name]);
  const listen = parseListen(node.field("listen"), 8443);
  const cert = requiredPath(node, CERT);
  const key = requiredPath(node, KEY);
  return { listen, cert, key };
}

function requiredPath(node: ConfigNode, option: typeof CERT | typeof KEY): string {
  const path = node.option(option);
  if (path === undefined || path === "") {
    if (!node.field(option.name).present) node.field(option.name).fail("the path of a PEM file");
    return "";
  }
  return resolvePath(folderOf(node.field(option.name).file), path);
}

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

function tlsSchema(): JsonSchema {
  return {
    ...optionsSchema("HTTPS, beside plain HTTP", [CERT, KEY], {
      listen: listenSchema("Addresses for HTTPS, :8443 unless given"),
    }),
    required: [CERT.name, KEY.name],
  };
}
