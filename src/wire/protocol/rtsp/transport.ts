// RFC 2326, 12.39: the Transport field.

/** A pair of ports or channels; the second is the first plus one where only one was given. */
export type Pair = readonly [number, number];

/** One transport of a Transport field. What was not said is undefined. */
export interface RtspTransport {
  /** `RTP/AVP`, `RTP/SAVP`, … without the lower transport, upper case. */
  readonly profile: string;
  /** Whether `/TCP` was said. Escam Q6 leaves it out although `interleaved` is there: look at both. */
  readonly tcp: boolean;
  readonly multicast: boolean;
  readonly interleaved: Pair | undefined;
  readonly clientPort: Pair | undefined;
  readonly serverPort: Pair | undefined;
  /** Ports of a multicast session. */
  readonly port: Pair | undefined;
  readonly destination: string | undefined;
  readonly source: string | undefined;
  readonly ttl: number | undefined;
  readonly ssrc: number | undefined;
  /** Lower case, quotes removed. */
  readonly mode: string | undefined;
}

/** Most transports of one field that are looked at. */
export const TRANSPORTS_MAX = 16;

/** Reads a Transport field: in requests a list of alternatives, in responses one. Words that mean nothing are skipped. */
export function parseTransports(text: string): RtspTransport[] {
  return text.split(",", TRANSPORTS_MAX).map(parseOne).filter((t) => t !== undefined);
}

function parseOne(text: string): RtspTransport | undefined {
  let profile = "";
  let multicast = false;
  let tcp = false;
  const values = new Map<string, string>();
  for (const part of text.split(";")) {
    const word = part.trim();
    const equals = word.indexOf("=");
    const key = (equals < 0 ? word : word.slice(0, equals)).trim().toLowerCase();
    if (equals >= 0) {
      if (!values.has(key)) values.set(key, word.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1"));
    } else if (/^[a-z0-9]+\/[a-z0-9/]+$/.test(key)) {
      tcp = key.endsWith("/tcp");
      profile = key.replace(/\/(tcp|udp)$/, "").toUpperCase();
    } else if (key === "multicast") multicast = true;
  }
  if (profile === "" && values.size === 0) return undefined;
  const number = (key: string) => decimal(values.get(key));
  const ssrc = /^[0-9a-f]{1,8}$/i.exec(values.get("ssrc") ?? "");
  return {
    profile: profile === "" ? "RTP/AVP" : profile,
    tcp,
    multicast,
    interleaved: pair(values.get("interleaved"), 255),
    clientPort: pair(values.get("client_port"), 65535),
    serverPort: pair(values.get("server_port"), 65535),
    port: pair(values.get("port"), 65535),
    destination: values.get("destination") || undefined,
    source: values.get("source") || undefined,
    ttl: number("ttl"),
    ssrc: ssrc === null ? undefined : Number.parseInt(ssrc[0], 16),
    mode: values.get("mode")?.toLowerCase(),
  };
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `4588-4589`, `47487-52573`, `4588`; undefined for everything else and for port 0. */
function pair(text: string | undefined, max: number): Pair | undefined {
  const found = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text ?? "");
  if (found === null) return undefined;
  const first = Number(found[1]);
  const second = found[2] === undefined ? first + 1 : Number(found[2]);
  if (first > max || second > max || (max === 65535 && first === 0)) return undefined;
  return [first, second];
}

/** Writes one transport. `mode` is left to the caller: some servers fail where a player says `mode=PLAY`. */
export function printTransport(t: Partial<RtspTransport>): string {
  const parts = [
    `${t.profile ?? "RTP/AVP"}${t.tcp === true ? "/TCP" : ""}`,
    t.multicast ? "multicast" : "unicast",
  ];
  if (t.destination !== undefined) parts.push(`destination=${t.destination}`);
  if (t.source !== undefined) parts.push(`source=${t.source}`);
  if (t.ttl !== undefined) parts.push(`ttl=${t.ttl}`);
  if (t.interleaved !== undefined) parts.push(`interleaved=${t.interleaved.join("-")}`);
  if (t.port !== undefined) parts.push(`port=${t.port.join("-")}`);
  if (t.clientPort !== undefined) parts.push(`client_port=${t.clientPort.join("-")}`);
  if (t.serverPort !== undefined) parts.push(`server_port=${t.serverPort.join("-")}`);
  if (t.ssrc !== undefined) parts.push(`ssrc=${t.ssrc.toString(16).toUpperCase().padStart(8, "0")}`);
  if (t.mode !== undefined) parts.push(`mode="${t.mode}"`);
  return parts.join(";");
}
