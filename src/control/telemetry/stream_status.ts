import type { Histogram } from "../../base/histogram.ts";
import type { SourceState } from "../messages.ts";
import type { InputTotals } from "./stream_meter.ts";
import type { TrackStatus } from "./track_meter.ts";

/** All that is known of a stream's running, for the API and for metrics. */
export interface StreamStatus {
  readonly name: string;
  readonly state: "idle" | SourceState;
  readonly reason: string;
  /** Credentials masked. */
  readonly source: string;
  readonly tags: readonly string[];
  readonly tracks: readonly TrackStatus[];
  /** What its sources received since the start of the server. */
  readonly input: InputTotals;
  /** Bits a second that the source sends. */
  readonly bitsPerSecond: number;
  /** Milliseconds from the write of a part's last frame until the part was ready for viewers. */
  readonly latency: Histogram;
  /** Seconds of media that every track holds. */
  readonly bufferSeconds: number;
  /** Memory of all tracks. */
  readonly bufferBytes: number;
  /** Starts of its worker after it ended by itself. */
  readonly workerRestarts: number;
  /** Sessions now. */
  readonly viewers: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Viewers now, by protocol. */
  readonly viewersByProtocol: ReadonlyMap<string, number>;
  /** Viewers' sessions since the start of the server. */
  readonly views: number;
  readonly viewSeconds: number;
  /** Packets that viewers were sent since the start of the server, and those that they missed. */
  readonly viewerPackets: number;
  readonly viewerPacketsLost: number;
  /** Of the worst viewer now, milliseconds. */
  readonly viewerJitterMillis: number;
  readonly viewerRoundTripMillis: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}
