import type { OptionDescriptor, OptionValue, PushDescriptor } from "../../../config/option.ts";
import { TS_FORMAT } from "../../../wire/container/ts/live.ts";
import { type FecShape, refuseFecShape } from "../../../wire/protocol/fec/encoder.ts";
import { parseDestination } from "../datagram/destination.ts";
import { PACING_OPTIONS, WAY_OPTIONS } from "../datagram/options.ts";
import { TIMING_OPTIONS } from "../timing.ts";

const RATE = {
  name: "rate",
  type: { kind: "integer", min: 0, max: 10_000_000_000 },
  default: 0,
  help: "Constant bit rate with null packets, bits per second of TS; 0: as the stream is",
} as const satisfies OptionDescriptor;

const DATAGRAMS = [
  {
    name: "pkts",
    type: { kind: "integer", min: 1, max: 40 },
    default: 7,
    help: "TS packets in a datagram",
  },
  ...WAY_OPTIONS,
  RATE,
  ...PACING_OPTIONS,
  {
    name: "drop",
    type: { kind: "number", min: 0, max: 100 },
    default: 0,
    help: "Percent of the datagrams that are thrown away, to try receivers",
  },
] as const satisfies readonly OptionDescriptor[];

const FEC = [
  {
    name: "fec",
    type: { kind: "choice", values: ["none", "prompeg", "columns"] },
    default: "none",
    help: "Parity of rows and columns (prompeg: ports + 2 and + 4), or of columns alone, SMPTE 2022-1",
  },
  {
    name: "columns",
    type: { kind: "integer", min: 1, max: 20 },
    default: 4,
    help: "Packets of a row of the matrix",
  },
  {
    name: "rows",
    type: { kind: "integer", min: 4, max: 20 },
    default: 8,
    help: "Rows of the matrix",
  },
] as const satisfies readonly OptionDescriptor[];

function refuse(url: string): string | undefined {
  return parseDestination(url) === undefined
    ? `${url.split(":")[0]}://host:port, or ${url.split(":")[0]}://host:port/interface`
    : undefined;
}

/** The matrix of parity that the parameters ask for; undefined: none. */
export function fecShape(values: Readonly<Record<string, OptionValue>>): FecShape | undefined {
  if ((values["fec"] ?? "none") === "none") return undefined;
  const { columns = FEC[1].default, rows = FEC[2].default } = values;
  return { columns: Number(columns), rows: Number(rows), rowParity: values["fec"] === "prompeg" };
}

function refuseFec(_: string, values: Readonly<Record<string, OptionValue>>): string | undefined {
  const shape = fecShape(values);
  const wrong = shape && refuseFecShape(shape);
  return wrong && `Cannot protect by ${shape?.columns} × ${shape?.rows}: ${wrong}`;
}

export const TS_UDP_PUSH: PushDescriptor = {
  name: "tsudp",
  pattern: /^tsudp:\/\//,
  example: "tsudp://239.1.2.3:5000",
  refuse,
  help: "MPEG-TS in UDP datagrams, to one receiver or a multicast group",
  codecs: TS_FORMAT.codecs,
  options: [...DATAGRAMS, ...TIMING_OPTIONS],
};

export const TS_RTP_PUSH: PushDescriptor = {
  name: "tsrtp",
  pattern: /^tsrtp:\/\//,
  example: "tsrtp://239.1.2.3:5000?fec=prompeg&columns=5&rows=10",
  refuse,
  refuseValues: refuseFec,
  help: "MPEG-TS over RTP, with error correction where it is asked for",
  codecs: TS_FORMAT.codecs,
  options: [...DATAGRAMS, ...FEC, ...TIMING_OPTIONS],
};

export const TS_TCP_PUSH: PushDescriptor = {
  name: "tstcp",
  pattern: /^tstcp:\/\//,
  example: "tstcp://192.168.1.9:5000",
  refuse: (url) => (parseDestination(url)?.interface ?? "none") === "" ? undefined : "tstcp://host:port",
  help: "MPEG-TS over a TCP connection to a receiver",
  codecs: TS_FORMAT.codecs,
  options: [RATE, ...TIMING_OPTIONS],
};
