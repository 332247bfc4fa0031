import { isGroup } from "../../base/multicast.ts";
import { splitCommand } from "./split_command.ts";

/** Where a transport stream comes from. */
export type TsAddress =
  | TsUdpAddress
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "program"; readonly command: readonly string[] }
  | { readonly kind: "stdin" }
  | { readonly kind: "pipe"; readonly path: string };

export interface TsUdpAddress {
  readonly kind: "udp";
  /** Group or own address to receive at, or an interface's name; empty: any of this machine's. */
  readonly host: string;
  readonly port: number;
  /** The host is a multicast group. */
  readonly group: boolean;
  /** Only sender whose datagrams are taken; empty: any. */
  readonly source: string;
  /** Interface to join on, its name or address; empty: not said. */
  readonly interface: string;
}

/** What {@link parseTsAddress} reads: every URL of the input. */
export const TS_PATTERN =
  /^(?:(?:ts)?(?:udp|rtp):\/\/|ts-exec:|https?-ts:\/\/|https?:\/\/[^?#]*\.(?:ts|m2ts|mts)(?:[?#]|$)|stream:\/\/|-$)/i;

const HOST = String.raw`\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[\w.-]*`;
const UDP = new RegExp(
  String.raw`^(?:ts)?(?:udp|rtp)://(?:(${HOST})@)?(?:(${HOST}):)?(\d{1,5})(?:/([\w.:%-]*))?$`,
  "i",
);

/** Reads a source of the input; a string says what is expected instead. */
export function parseTsAddress(url: string): TsAddress | string {
  if (url === "-") return { kind: "stdin" };
  if (/^ts-exec:/i.test(url)) {
    const command = splitCommand(url.slice(8));
    if (typeof command === "string") return `ts-exec: and a command: ${command}`;
    return command.length === 0 ? "ts-exec: and a command" : { kind: "program", command };
  }
  if (/^stream:\/\//i.test(url)) {
    const path = url.slice(9);
    return path.startsWith("/") ? { kind: "pipe", path } : "stream:// and the absolute path of a named pipe";
  }
  if (/^https?/i.test(url)) {
    const plain = url.replace(/^(https?)-ts:/i, "$1:");
    return URL.canParse(plain) ? { kind: "http", url: plain } : "a URL such as http://host/stream.ts";
  }
  const found = UDP.exec(url);
  const port = Number(found?.[3]);
  if (found === null || port < 1 || port > 65535) {
    return "an address such as tsudp://239.1.2.3:5000/eth0 or tsudp://10.0.0.5@232.1.2.3:5000";
  }
  const plain = (text: string | undefined) => (text ?? "").replace(/^\[|\]$/g, "");
  const host = plain(found[2]);
  const source = plain(found[1]);
  return { kind: "udp", host, port, group: isGroup(host), source, interface: found[4] ?? "" };
}
