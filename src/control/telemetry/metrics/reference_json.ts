import type { MetricsSnapshot } from "./family.ts";
import { viewersByOutput } from "./reference_metrics.ts";

/** What the reference's document has beside the numbers of the metrics. */
export interface ReferenceServer {
  /** Names in the configuration. */
  readonly streams: Iterable<string>;
  /** Bits a second that all viewers may take; 0 where no limit is set. */
  readonly bandwidth: number;
  /** Addresses of outputs by name, `HOST` for the server's and `$` for the stream. */
  readonly outputs: Readonly<Record<string, string>>;
}

const KIB = 1024;

/**
 * The metrics as the reference's load balancer reads them: one object, short names, pairs of bytes out and in. Of a
 * stream's sessions since the start only viewers are counted; its inputs and outputs are those of now.
 * REFERENCE.md, 12.
 */
export function referenceJson(s: MetricsSnapshot, server: ReferenceServer, perStream = true) {
  const { machine, sessions, sums } = s;
  return {
    cpu: Math.round(s.cpuShare * 1000),
    shm_total: Math.round(machine.memoryTotal / KIB),
    shm_used: Math.round(s.streams.reduce((sum, t) => sum + t.bufferBytes, 0) / KIB),
    mem_total: Math.round(machine.memoryTotal / KIB),
    mem_used: Math.round(machine.memoryUsed / KIB),
    logs: s.logLines,
    curr: [
      sessions.viewer,
      sessions.input,
      sessions.output,
      0,
      sessions.viewer + sessions.input + sessions.output,
    ],
    tot: [sums.sessions.viewer, sums.sessions.input, sums.sessions.output, 0],
    st: [machine.networkOut, machine.networkIn],
    bw: [sums.bytesOut, sums.bytesIn],
    pkts: [sums.viewerPackets, sums.packetsLost, 0],
    bwlimit: Math.floor(server.bandwidth / 8),
    obw: [0, 0],
    ...(perStream
      ? {
        streams: Object.fromEntries(s.streams.map((t) => [t.name, {
          tot: [t.views, t.inputs, t.outputs],
          bw: [t.bytesOut, t.bytesIn],
          curr: [t.viewers, t.inputs, t.outputs, 0],
          pkts: [t.viewerPackets, t.input.packetsLost + t.viewerPacketsLost, 0],
        }])),
      }
      : {}),
    output_counts: Object.fromEntries(viewersByOutput(s)),
    conf_streams: [...server.streams],
    outputs: server.outputs,
  };
}
