import { Histogram, LATENCY_BOUNDS } from "../../../src/base/histogram.ts";
import { emptySums } from "../../../src/control/session/sums.ts";
import { COUNTERS } from "../../../src/control/supervise/vitals.ts";
import type { MetricsSnapshot } from "../../../src/control/telemetry/metrics/family.ts";
import type { InputTotals } from "../../../src/control/telemetry/stream_meter.ts";
import type { StreamStatus } from "../../../src/control/telemetry/stream_status.ts";

/** A server with one stream that has everything, and one with a name that needs quoting and nothing else. */
export function metricsSnapshot(): MetricsSnapshot {
  const latency = new Histogram(LATENCY_BOUNDS);
  for (const ms of [0.2, 0.3, 4, 2000]) latency.observe(ms);
  const input = Object.fromEntries(COUNTERS.map((name, n) => [name, n * 1000])) as InputTotals;
  const cam: StreamStatus = {
    name: "cam",
    state: "online",
    reason: "",
    source: "rtsp://***@camera/",
    tags: [],
    tracks: [{
      id: 0,
      kind: "video",
      codec: "h264",
      codecString: "avc1.42C00D",
      width: 320,
      height: 180,
      sampleRate: 0,
      channels: 0,
      frames: 250,
      frameRate: 25,
      keyFrameSeconds: 2,
      firstSeconds: 0,
      lastSeconds: 10,
      bufferBytes: 2048,
      bufferCapacity: 4096,
      shrunk: 1,
    }],
    input,
    bitsPerSecond: 2_000_000,
    latency,
    bufferSeconds: 10,
    bufferBytes: 2048,
    workerRestarts: 1,
    viewers: 3,
    inputs: 1,
    outputs: 0,
    viewersByProtocol: new Map([["HLS", 2], ["DASH", 1]]),
    views: 12,
    viewSeconds: 345.5,
    viewerPackets: 500,
    viewerPacketsLost: 3,
    viewerJitterMillis: 12,
    viewerRoundTripMillis: 80,
    bytesOut: 1e15,
    bytesIn: 1e6,
  };
  const nothing = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as InputTotals;
  const odd: StreamStatus = {
    ...cam,
    name: 'odd+a "quote", a \\ and\na line',
    state: "idle",
    tracks: [],
    input: nothing,
    latency: new Histogram(LATENCY_BOUNDS),
    viewers: 0,
    inputs: 0,
    viewersByProtocol: new Map(),
  };
  const sums = { ...emptySums(), viewSeconds: 400, bytesOut: 1e15, bytesIn: 1e6 };
  return {
    version: "1.2.3",
    startedAt: 1_700_000_000_000,
    streams: [cam, odd],
    sums,
    sessions: { viewer: 3, input: 1, output: 0 },
    machine: {
      cpuBusy: 50,
      cpuTotal: 200,
      memoryTotal: 4 * 1024 ** 3,
      memoryUsed: 1024 ** 3,
      networkIn: 7,
      networkOut: 8,
      loadAverages: [0.5, 0.25, 0],
    },
    cpuShare: 0.256,
    process: { cpuMillis: 1500, residentBytes: 80e6 },
    logLines: 42,
    httpWorkerRestarts: 0,
    forwardedIgnored: 0,
    limits: { viewersRefused: 5, streamsRefused: 2, bufferUsedBytes: 2048, bufferBudgetBytes: 1024 ** 3 },
  };
}
