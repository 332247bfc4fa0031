import type { HistogramCounts } from "../../base/histogram.ts";
import type { SessionRow } from "../session/session_row.ts";
import type { SessionTable } from "../session/session_table.ts";
import type { StreamObservation } from "../stream/managed_stream.ts";
import { StreamMeter } from "./stream_meter.ts";
import type { StreamStatus } from "./stream_status.ts";

/** Looks at every stream about once a second and keeps its numbers. */
export class StreamWatch {
  readonly #observe: () => readonly StreamObservation[];
  readonly #sessions: SessionTable;
  readonly #meters = new Map<string, StreamMeter>();

  constructor(observe: () => readonly StreamObservation[], sessions: SessionTable) {
    this.#observe = observe;
    this.#sessions = sessions;
  }

  /** Takes all counters; `now` is the monotonic time in milliseconds. */
  sample(now: number): void {
    const there = new Set<string>();
    for (const stream of this.#observe()) {
      there.add(stream.name);
      let meter = this.#meters.get(stream.name);
      // A stream that never ran costs nothing.
      if (meter === undefined && stream.vitals === undefined) continue;
      if (meter === undefined) this.#meters.set(stream.name, meter = new StreamMeter());
      meter.sample(stream, now);
      this.#count(stream, meter);
    }
    for (const name of this.#meters.keys()) if (!there.has(name)) this.#meters.delete(name);
  }

  /** Adds times from the write of a part's last frame until the part was ready for viewers. */
  takeLatency(stream: string, latency: HistogramCounts): void {
    this.#meters.get(stream)?.latency.add(latency);
  }

  /** Every stream as it is now, in order of name. */
  statuses(): StreamStatus[] {
    const sessions = Map.groupBy(this.#sessions.list(), (row) => row.stream);
    return this.#observe().map((stream) => this.#status(stream, sessions.get(stream.name) ?? []));
  }

  #count(stream: StreamObservation, meter: StreamMeter): void {
    const bytes = meter.take("bytesIn");
    const packets = meter.take("packetsIn");
    const packetsLost = meter.take("packetsLost");
    if (bytes === 0) return;
    const { protocol, remote } = placeOf(stream.source);
    this.#sessions.takeInput({ stream: stream.name, remote, protocol, bytes, packets, packetsLost });
  }

  #status(stream: StreamObservation, rows: readonly SessionRow[]): StreamStatus {
    const meter = this.#meters.get(stream.name) ?? IDLE;
    const tracks = meter.tracks();
    const held = tracks.filter((t) => t.kind !== "data").map((t) => t.lastSeconds - t.firstSeconds);
    const viewers = rows.filter((row) => row.kind === "viewer");
    const byProtocol = new Map<string, number>();
    for (const { protocol } of viewers) byProtocol.set(protocol, (byProtocol.get(protocol) ?? 0) + 1);
    const sums = this.#sessions.sumsOf(stream.name);
    return {
      name: stream.name,
      state: stream.state,
      reason: stream.reason,
      source: stream.source,
      tags: stream.tags,
      tracks,
      input: meter.totals,
      bitsPerSecond: meter.bitsPerSecond,
      latency: meter.latency,
      bufferSeconds: held.length === 0 ? 0 : Math.max(0, Math.min(...held)),
      bufferBytes: tracks.reduce((sum, t) => sum + t.bufferBytes, 0),
      workerRestarts: stream.restarts,
      viewers: viewers.length,
      inputs: rows.filter((row) => row.kind === "input").length,
      outputs: rows.filter((row) => row.kind === "output").length,
      viewersByProtocol: byProtocol,
      views: sums.sessions.viewer,
      viewSeconds: sums.viewSeconds,
      viewerPackets: sums.viewerPackets,
      viewerPacketsLost: sums.viewerPacketsLost,
      viewerJitterMillis: viewers.reduce((worst, row) => Math.max(worst, row.jitterMillis), 0),
      viewerRoundTripMillis: viewers.reduce((worst, row) => Math.max(worst, row.roundTripMillis), 0),
      bytesOut: sums.bytesOut,
      bytesIn: sums.bytesIn,
    };
  }
}

const IDLE = new StreamMeter();

/** What an input session is called, by the reference's name of inputs, and the host that its media come from. */
export function placeOf(source: string): { readonly protocol: string; readonly remote: string } {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:[^@/]*@)?(\[[0-9a-f:.%]+\]|[^:/?#]*)/i.exec(source);
  if (match === null) return { protocol: "INPUT", remote: "" };
  const host = match[2] as string;
  return {
    protocol: `INPUT:${(match[1] as string).toUpperCase()}`,
    remote: host.startsWith("[") ? host.slice(1, -1) : host,
  };
}
