import { expect, test } from "bun:test";
import { METRICS, printMetrics } from "../../../src/control/telemetry/metrics/metrics.ts";
import { CpuShare, NO_LOAD } from "../../../src/control/telemetry/machine.ts";
import { metricsSnapshot } from "./metrics_snapshot.ts";

const text = printMetrics(metricsSnapshot());
const lines = text.split("\n");

test("printMetrics() prints every metric of the table once, with help and type", () => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    expect(lines.filter((l) => l === `# TYPE ${name} ${type}`).length).toBe(1);
    expect(lines).toContain(`# HELP ${name} ${help}`);
  }
});

test("printMetrics() has the names, units and labels of the reference", () => {
  for (
    const line of [
      "mist_cpu 256",
      "mist_logs 42",
      "mist_mem_total 4194304",
      "mist_mem_used 1048576",
      "mist_viewseconds_total 400",
      'mist_sessions_total{sessType="viewers"} 3',
      'mist_sessions_total{sessType="cached"} 4',
      'stat_bw_total{direction="up"} 8',
      'mist_bw_total{direction="down"} 1000000',
      'mist_outputs{output="HLS"} 2',
      'mist_sessions{stream="cam",sessType="viewers"} 3',
      'mist_viewcount{stream="cam"} 12',
      'mist_viewseconds{stream="cam"} 345.5',
      'mist_bw{stream="cam",direction="up"} 1000000000000000',
      'mist_packets{stream="cam",pkttype="sent"} 500',
      'mist_packets{stream="cam",pkttype="lost"} 2003',
    ]
  ) expect(lines).toContain(line);
});

test("printMetrics() says what each stream and track does", () => {
  for (
    const line of [
      'fogcast_stream_up{stream="cam"} 1',
      'fogcast_stream_viewers{stream="cam",protocol="DASH"} 1',
      'fogcast_stream_viewer_packets_lost_total{stream="cam"} 3',
      'fogcast_stream_viewer_jitter_seconds{stream="cam"} 0.012',
      'fogcast_stream_viewer_round_trip_seconds{stream="cam"} 0.08',
      'fogcast_stream_received_bytes_per_second{stream="cam"} 250000',
      'fogcast_track_frames_per_second{stream="cam",track="0",kind="video",codec="h264"} 25',
      'fogcast_track_key_frame_interval_seconds{stream="cam",track="0",kind="video",codec="h264"} 2',
      'fogcast_streams{state="idle"} 1',
      'fogcast_build_info{version="1.2.3"} 1',
      "fogcast_viewers_refused_total 5",
      "fogcast_streams_refused_total 2",
      "fogcast_buffer_used_bytes 2048",
      "fogcast_buffer_budget_bytes 1073741824",
    ]
  ) expect(lines).toContain(line);
});

test("printMetrics() prints histograms in seconds, cumulative, with sum and count", () => {
  const of = lines.filter((l) => l.startsWith("fogcast_stream_latency_seconds"));
  expect(of).toContain('fogcast_stream_latency_seconds_bucket{stream="cam",le="0.0001"} 0');
  expect(of).toContain('fogcast_stream_latency_seconds_bucket{stream="cam",le="0.00025"} 1');
  expect(of).toContain('fogcast_stream_latency_seconds_bucket{stream="cam",le="0.005"} 3');
  expect(of).toContain('fogcast_stream_latency_seconds_bucket{stream="cam",le="+Inf"} 4');
  expect(of).toContain('fogcast_stream_latency_seconds_sum{stream="cam"} 2.0045');
  expect(of).toContain('fogcast_stream_latency_seconds_count{stream="cam"} 4');
});

test("printMetrics() escapes what streams are called", () => {
  expect(lines).toContain('fogcast_stream_up{stream="odd+a \\"quote\\", a \\\\ and\\na line"} 0');
});

test("printMetrics() without perStream has no stream's name", () => {
  const short = printMetrics(metricsSnapshot(), false);
  expect(short).not.toContain("stream=");
  expect(short).toContain("fogcast_sessions{");
});

test("every counter is called _total, nothing else but names of the reference is", () => {
  for (const [name, { type }] of Object.entries(METRICS)) {
    if (name.startsWith("fogcast_")) {
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    }
  }
});

test("CpuShare is the share of the time between two looks", () => {
  const cpu = new CpuShare();
  cpu.look({ ...NO_LOAD, cpuBusy: 100, cpuTotal: 1000 });
  cpu.look({ ...NO_LOAD, cpuBusy: 125, cpuTotal: 1100 });
  expect(cpu.share).toBe(0.25);
  cpu.look({ ...NO_LOAD, cpuBusy: 125, cpuTotal: 1100 });
  expect(cpu.share).toBe(0.25);
});
