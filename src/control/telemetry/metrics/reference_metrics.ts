import type { SessionKind } from "../../session/session_row.ts";
import { each, type MetricFamily, type MetricsSnapshot, one, type Sample } from "./family.ts";

/** Names of kinds in the reference. */
const KINDS: readonly (readonly [SessionKind, string])[] = [
  ["viewer", "viewers"],
  ["input", "incoming"],
  ["output", "outgoing"],
];

/** Bytes out are `up`, as the server sees it; bytes in are `down`. */
function directions(up: number, down: number): readonly Sample[] {
  return [{ labels: { direction: "up" }, value: up }, { labels: { direction: "down" }, value: down }];
}

function packets(sent: number, lost: number): readonly Sample[] {
  return [
    { labels: { pkttype: "sent" }, value: sent },
    { labels: { pkttype: "lost" }, value: lost },
    { labels: { pkttype: "retrans" }, value: 0 },
  ];
}

/** Viewers now, by protocol. */
export function viewersByOutput(s: MetricsSnapshot): ReadonlyMap<string, number> {
  const outputs = new Map<string, number>();
  for (const stream of s.streams) {
    for (const [output, n] of stream.viewersByProtocol) outputs.set(output, (outputs.get(output) ?? 0) + n);
  }
  return outputs;
}

const KIB = 1024;

/** Names and units of the reference, so that dashboards made for it show data. REFERENCE.md, 12. */
export const REFERENCE_METRICS = {
  mist_logs: {
    type: "untyped",
    help: "Log lines since the server was started",
    samples: (s) => one(s.logLines),
  },
  mist_cpu: {
    type: "gauge",
    help: "Use of all processors in tenths of a percent",
    samples: (s) => one(Math.round(s.cpuShare * 1000)),
  },
  mist_mem_total: {
    type: "untyped",
    help: "Memory of the machine in KiB",
    samples: (s) => one(Math.round(s.machine.memoryTotal / KIB)),
  },
  mist_mem_used: {
    type: "gauge",
    help: "Memory of the machine in use, in KiB",
    samples: (s) => one(Math.round(s.machine.memoryUsed / KIB)),
  },
  mist_shm_total: {
    type: "untyped",
    help: "Memory that stream buffers may come from, in KiB",
    samples: (s) => one(Math.round(s.machine.memoryTotal / KIB)),
  },
  mist_shm_used: {
    type: "gauge",
    help: "Memory of all stream buffers in KiB",
    samples: (s) => one(Math.round(s.streams.reduce((sum, t) => sum + t.bufferBytes, 0) / KIB)),
  },
  mist_viewseconds_total: {
    type: "counter",
    help: "Seconds that viewers watched, all added up",
    samples: (s) => one(s.sums.viewSeconds),
  },
  mist_sessions_count: {
    type: "untyped",
    help: "Sessions since the server was started, by type",
    samples: (s) => [
      ...KINDS.map(([kind, sessType]) => ({ labels: { sessType }, value: s.sums.sessions[kind] })),
      { labels: { sessType: "unspecified" }, value: 0 },
    ],
  },
  stat_bw_total: {
    type: "counter",
    help: "Bytes through the network interfaces of the machine, by direction",
    samples: (s) => directions(s.machine.networkOut, s.machine.networkIn),
  },
  mist_bw_total: {
    type: "counter",
    help: "Bytes sent and received since the server was started, by direction",
    samples: (s) => directions(s.sums.bytesOut, s.sums.bytesIn),
  },
  mist_bw_other: {
    type: "untyped",
    help: "Bytes to and from addresses that the bandwidth limit does not count, by direction",
    samples: () => directions(0, 0),
  },
  mist_packets_total: {
    type: "counter",
    help: "Packets of protocols that may lose them, by what became of them",
    samples: (s) => packets(s.sums.viewerPackets, s.sums.packetsLost),
  },
  mist_sessions_total: {
    type: "untyped",
    help: "Sessions now, by type",
    samples: (s) => [
      ...KINDS.map(([kind, sessType]) => ({ labels: { sessType }, value: s.sessions[kind] })),
      { labels: { sessType: "cached" }, value: s.sessions.viewer + s.sessions.input + s.sessions.output },
    ],
  },
  mist_outputs: {
    type: "gauge",
    help: "Viewers now, by protocol",
    samples: (s) => [...viewersByOutput(s)].map(([output, value]) => ({ labels: { output }, value })),
  },
  mist_sessions: {
    type: "gauge",
    help: "Sessions now, by stream and type",
    perStream: true,
    samples: (s) =>
      s.streams.flatMap(({ name: stream, viewers, inputs, outputs }) => [
        { labels: { stream, sessType: "viewers" }, value: viewers },
        { labels: { stream, sessType: "incoming" }, value: inputs },
        { labels: { stream, sessType: "outgoing" }, value: outputs },
      ]),
  },
  mist_viewcount: {
    type: "untyped",
    help: "Viewers' sessions since the server was started, by stream",
    perStream: true,
    samples: (s) => each(s, (t) => t.views),
  },
  mist_viewseconds: {
    type: "untyped",
    help: "Seconds that viewers watched, by stream",
    perStream: true,
    samples: (s) => each(s, (t) => t.viewSeconds),
  },
  mist_bw: {
    type: "untyped",
    help: "Bytes sent and received since the server was started, by stream and direction",
    perStream: true,
    samples: (s) =>
      s.streams.flatMap((t) =>
        directions(t.bytesOut, t.bytesIn).map(({ labels, value }) => ({
          labels: { stream: t.name, ...labels },
          value,
        }))
      ),
  },
  mist_packets: {
    type: "untyped",
    help: "Packets of protocols that may lose them, by stream and by what became of them",
    perStream: true,
    samples: (s) =>
      s.streams.flatMap((t) =>
        packets(t.viewerPackets, t.input.packetsLost + t.viewerPacketsLost).map(({ labels, value }) => ({
          labels: { stream: t.name, ...labels },
          value,
        }))
      ),
  },
} as const satisfies Readonly<Record<string, MetricFamily>>;
