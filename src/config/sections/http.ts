import { isAddressRange } from "../../base/address_range.ts";
import { fullAddress } from "../../base/full_address.ts";
import { LISTEN_EXAMPLES, type ListenAddress } from "../listen_address.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { type JsonSchema, optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";
import { listenSchema, parseListen } from "./listen.ts";
import { parseTls, type TlsConfig, tlsSchema } from "./tls.ts";

/** Where viewers come in. */
export interface HttpConfig {
  /** Plain HTTP; may be empty when `tls` is there. */
  readonly listen: readonly ListenAddress[];
  readonly tls: TlsConfig | undefined;
  readonly http2: boolean;
  readonly http3: boolean;
  /** Egress workers; 0: as many as the machine suggests. */
  readonly workers: number;
  /** Addresses, networks and names of proxies whose word on who is behind them counts. */
  readonly proxies: readonly string[];
  /** How viewers reach the server, where it cannot know: full addresses without a slash at the end. */
  readonly publicAddress: readonly string[];
  /** Plain HTTP only tells where HTTPS is. */
  readonly redirect: boolean;
  /** Told to viewers of a stream that does not play; empty: players find words of their own. */
  readonly noStreamText: string;
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
const REDIRECT = {
  name: "redirect",
  type: { kind: "boolean" },
  default: false,
  help: "Plain HTTP sends viewers on to the TLS address",
} as const satisfies OptionDescriptor;

const NO_STREAM_TEXT = {
  name: "noStreamText",
  type: { kind: "text", maxLength: 500 },
  default: "",
  help: "What players are to show where a stream does not play",
} as const satisfies OptionDescriptor;

const OPTIONS = [PORT, HTTP2, HTTP3, WORKERS, REDIRECT, NO_STREAM_TEXT] as const;
const LISTEN_HELP = `Addresses to listen on, such as ${LISTEN_EXAMPLES}; one or a list`;
const PROXIES = "proxies";
const PROXIES_HELP =
  "Proxies whose X-Forwarded-*, X-Real-IP, Forwarded and X-Mst-Path headers are believed, beside those on this machine";
const PUBLIC = "publicAddress";
const PUBLIC_HELP =
  "How viewers reach the server from outside, such as https://cdn.example/cams; one or a list";
/** Most proxies, and most addresses. */
const PROXIES_MAX = 256;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*$/;

export const HTTP_SECTION: Section<HttpConfig> = {
  name: "http",
  help: "HTTP server for viewers",
  options: OPTIONS,
  parse(node: ConfigNode): HttpConfig {
    node.allow([...OPTIONS.map((o) => o.name), "listen", "tls", PROXIES, PUBLIC]);
    const given = choosesListen(node)
      ? parseListen(node.field("listen"), 8080)
      : [{ hostname: "", port: node.option(PORT) }];
    const tls = parseTls(node.field("tls"));
    const redirect = node.option(REDIRECT);
    if (redirect && (tls === undefined || tls.listen.length === 0)) {
      node.field(REDIRECT.name).refuse("there is no tls to go to");
    }
    return {
      listen: given,
      tls,
      http2: node.option(HTTP2),
      http3: node.option(HTTP3),
      workers: node.option(WORKERS),
      proxies: parseTexts(
        node.field(PROXIES),
        "an address such as 10.0.0.2, a network such as 10.0.0.0/8 or a name",
        (text) => isProxy(text) ? text : undefined,
      ),
      publicAddress: parseTexts(
        node.field(PUBLIC),
        "a full address such as https://cdn.example/cams",
        fullAddress,
      ),
      redirect,
      noStreamText: node.option(NO_STREAM_TEXT),
    };
  },
  schema: () =>
    optionsSchema(HTTP_SECTION.help, OPTIONS, {
      listen: listenSchema(LISTEN_HELP),
      tls: tlsSchema(),
      [PROXIES]: textsSchema(PROXIES_HELP),
      [PUBLIC]: textsSchema(PUBLIC_HELP),
    }),
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

function isProxy(text: string): boolean {
  if (isAddressRange(text)) return true;
  // what looks like an address but is none is no name either
  return HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}

/** One text or a list of them; `read` answers undefined for one that is none of them. */
function parseTexts(
  node: ConfigNode,
  expected: string,
  read: (text: string) => string | undefined,
): readonly string[] {
  const texts: string[] = [];
  const items = node.items();
  if (items.length > PROXIES_MAX) node.refuse(`more than ${PROXIES_MAX} of them`);
  for (const item of items) {
    const text = item.tree?.kind === "scalar" ? read(item.tree.text) : undefined;
    if (text === undefined) item.fail(expected);
    else texts.push(text);
  }
  if (node.present) node.decide(`[${texts.map((text) => JSON.stringify(text)).join(", ")}]`);
  return texts;
}

function textsSchema(description: string): JsonSchema {
  return { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }], description };
}
