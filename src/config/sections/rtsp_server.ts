import { MASK } from "../../base/mask_url.ts";
import { parseAddress } from "../../base/address_range.ts";
import { isGroup } from "../../base/multicast.ts";
import type { ListenAddress } from "../listen_address.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { folderOf, resolvePath } from "../paths.ts";
import { type JsonSchema, optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";
import { listenSchema, parseListen } from "./listen.ts";

/** Where RTSP players and publishers come in. */
export interface RtspServerConfig {
  /** Empty: no RTSP. */
  readonly listen: readonly ListenAddress[];
  /** RTSPS besides. */
  readonly tls: RtspTlsConfig | undefined;
  /** Bytes of an RTP packet at most. */
  readonly packetSize: number;
  readonly timeoutMillis: number;
  /** Names and passwords of those who may play; empty: everybody. */
  readonly accounts: Readonly<Record<string, string>>;
  readonly multicast: MulticastConfig;
}

export interface RtspTlsConfig {
  readonly listen: readonly ListenAddress[];
  /** Absolute, or relative to the working directory. */
  readonly cert: string;
  readonly key: string;
}

/** Groups that tracks are sent to when a player asks for multicast. */
export interface MulticastConfig {
  /** IPv4 group of the first track; the next one's is one higher. */
  readonly group: string;
  readonly port: number;
  readonly ttl: number;
  /** Address of the interface; empty: as the routing table has it. */
  readonly interface: string;
}

const PACKET_SIZE = {
  name: "packetSize",
  type: { kind: "integer", min: 500, max: 65_000 },
  default: 1472,
  help: "Longest RTP packet, bytes; 1472 fill an Ethernet frame",
} as const satisfies OptionDescriptor;
const TIMEOUT = {
  name: "timeout",
  type: { kind: "duration", min: 5000, max: 3_600_000 },
  default: 60_000,
  help: "Longest silence of a player over UDP or of a publisher",
} as const satisfies OptionDescriptor;
const GROUP = {
  name: "multicastGroup",
  type: { kind: "text", maxLength: 15 },
  default: "239.192.54.1",
  help: "First multicast group; each further track gets the next one",
} as const satisfies OptionDescriptor;
const GROUP_PORT = {
  name: "multicastPort",
  type: { kind: "integer", min: 1024, max: 65_000 },
  default: 30_000,
  help: "Port of the first group, even; each further track gets the next pair",
} as const satisfies OptionDescriptor;
const GROUP_TTL = {
  name: "multicastTtl",
  type: { kind: "integer", min: 1, max: 255 },
  default: 16,
  help: "Routers that multicast may pass; 1 stays in the local network",
} as const satisfies OptionDescriptor;
const GROUP_INTERFACE = {
  name: "multicastInterface",
  type: { kind: "text", maxLength: 45 },
  default: "",
  help: "Address of the interface that multicast leaves by; the routing table's choice when empty",
} as const satisfies OptionDescriptor;

const OPTIONS = [PACKET_SIZE, TIMEOUT, GROUP, GROUP_PORT, GROUP_TTL, GROUP_INTERFACE] as const;
const LISTEN_HELP = "Addresses to listen on, :5554 unless given; an empty list means no RTSP";
const TLS_HELP = "RTSPS, beside plain RTSP";
const ACCOUNTS_HELP = "Names and passwords of those who may play; everybody when there are none";
const TLS_PORT = 5322;
const ACCOUNTS_MAX = 1000;

export const RTSP_SERVER_SECTION: Section<RtspServerConfig> = {
  name: "rtspServer",
  help: "RTSP server for players and publishers",
  options: OPTIONS,
  parse(node: ConfigNode): RtspServerConfig {
    node.allow([...OPTIONS.map((o) => o.name), "listen", "tls", "accounts"]);
    return {
      listen: parseListen(node.field("listen"), 5554),
      tls: parseTls(node.field("tls")),
      packetSize: node.option(PACKET_SIZE),
      timeoutMillis: node.option(TIMEOUT),
      accounts: parseAccounts(node.field("accounts")),
      multicast: {
        group: parseGroup(node),
        port: node.option(GROUP_PORT) & ~1,
        ttl: node.option(GROUP_TTL),
        interface: node.option(GROUP_INTERFACE),
      },
    };
  },
  schema: () =>
    optionsSchema(RTSP_SERVER_SECTION.help, OPTIONS, {
      listen: listenSchema(LISTEN_HELP),
      tls: tlsSchema(),
      accounts: { type: "object", additionalProperties: { type: "string" }, description: ACCOUNTS_HELP },
    }),
};

function parseGroup(node: ConfigNode): string {
  const group = node.option(GROUP);
  if (!group.includes(":") && parseAddress(group) !== undefined && isGroup(group)) return group;
  node.field(GROUP.name).fail("an IPv4 multicast group such as 239.192.54.1");
  return GROUP.default;
}

function parseTls(node: ConfigNode): RtspTlsConfig | undefined {
  if (!node.present) return undefined;
  node.allow(["listen", "cert", "key"]);
  const listen = parseListen(node.field("listen"), TLS_PORT);
  return { listen, cert: pemFile(node.field("cert")), key: pemFile(node.field("key")) };
}

function pemFile(node: ConfigNode): string {
  const path = node.tree?.kind === "scalar" ? node.tree.text : "";
  if (path === "") {
    node.fail("the path of a PEM file");
    return "";
  }
  const whole = resolvePath(folderOf(node.file), path);
  node.decide(JSON.stringify(whole));
  return whole;
}

function parseAccounts(node: ConfigNode): Record<string, string> {
  const accounts: Record<string, string> = {};
  const fields = node.fields();
  if (fields.length > ACCOUNTS_MAX) node.refuse(`more than ${ACCOUNTS_MAX} accounts`);
  for (const [name, field] of fields) {
    const password = field.tree?.kind === "scalar" ? field.tree.text : "";
    if (password === "" || password.length > 256) field.fail("a password", MASK);
    else {
      accounts[name] = password;
      field.decide(MASK);
    }
  }
  return accounts;
}

function tlsSchema(): JsonSchema {
  const path = (description: string): JsonSchema => ({ type: "string", description });
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      listen: listenSchema(`Addresses for RTSPS, :${TLS_PORT} unless given`),
      cert: path("PEM file with the certificate and its chain, relative to the configuration file"),
      key: path("PEM file with the private key"),
    },
    required: ["cert", "key"],
    description: TLS_HELP,
  };
}
