import type { ListenAddress } from "../listen_address.ts";
import type { ConfigNode } from "../node.ts";
import { folderOf, resolvePath } from "../paths.ts";
import type { JsonSchema } from "../schema.ts";
import { listenSchema, parseListen } from "./listen.ts";

/** A certificate with those that lead to its root, and its key. Paths are absolute or relative to the working folder. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** HTTPS beside plain HTTP. */
export interface TlsConfig {
  readonly listen: readonly ListenAddress[];
  /** The first one is for clients that ask for none of the names; empty: the program makes one of its own. */
  readonly certificates: readonly CertificateFiles[];
  /** Names and addresses for the certificate that the program makes, beside those that it finds. */
  readonly names: readonly string[];
}

const HELP = {
  listen: "Addresses for HTTPS, :8443 unless given",
  cert:
    "PEM file with the certificate and its chain, relative to the configuration file; one or a list, chosen by name. Without one the program makes its own",
  key: "PEM file with the private key of each certificate",
  names: "Further names and addresses for the certificate that the program makes itself",
} as const;
/** Most certificates, and most names. */
const LIST_MAX = 64;
const NAME = /^(?:\*\.)?[A-Za-z0-9_.:-]{1,253}$/;

/** Reads `auto`, or a mapping. */
export function parseTls(node: ConfigNode): TlsConfig | undefined {
  if (!node.present) return undefined;
  if (node.tree?.kind === "scalar" && node.tree.text === "auto") {
    node.decide("auto");
    return { listen: [{ hostname: "", port: 8443 }], certificates: [], names: [] };
  }
  if (node.tree?.kind !== "map") {
    node.fail("auto, or a mapping with listen, cert and key");
    return undefined;
  }
  node.allow(Object.keys(HELP));
  const listen = parseListen(node.field("listen"), 8443);
  const certs = paths(node.field("cert"));
  const keys = paths(node.field("key"));
  if (certs.length !== keys.length) {
    // blame the one that is missing
    const short = node.field(certs.length < keys.length ? "cert" : "key");
    if (short.present) short.refuse("expected as many certificates as keys");
    else short.fail("the path of a PEM file");
  }
  const given = node.field("names").items();
  if (given.length > LIST_MAX) node.field("names").refuse(`more than ${LIST_MAX} of them`);
  const names = given.flatMap((item) => {
    const text = item.tree?.kind === "scalar" ? item.tree.text : "";
    if (NAME.test(text)) return [text];
    item.fail("a name or an address");
    return [];
  });
  if (certs.length > 0 && names.length > 0) {
    node.field("names").refuse("the names are those of the certificate that is given");
  }
  return {
    listen,
    certificates: certs.map((cert, n) => ({ cert, key: keys[n] ?? cert })),
    names,
  };
}

function paths(node: ConfigNode): string[] {
  const items = node.items();
  if (items.length > LIST_MAX) node.refuse(`more than ${LIST_MAX} of them`);
  const found = items.flatMap((item) => {
    const text = item.tree?.kind === "scalar" ? item.tree.text : "";
    if (text !== "") return [resolvePath(folderOf(item.file), text)];
    item.fail("the path of a PEM file");
    return [];
  });
  if (found.length > 0) node.decide(`[${found.map((path) => JSON.stringify(path)).join(", ")}]`);
  return found;
}

export function tlsSchema(): JsonSchema {
  const texts = (description: string): JsonSchema => ({
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
    description,
  });
  return {
    anyOf: [
      { enum: ["auto"], description: "HTTPS on :8443 with a certificate that the program makes itself" },
      {
        type: "object",
        additionalProperties: false,
        properties: {
          listen: listenSchema(HELP.listen),
          cert: texts(HELP.cert),
          key: texts(HELP.key),
          names: texts(HELP.names),
        },
      },
    ],
    description: "HTTPS, beside plain HTTP",
  };
}
