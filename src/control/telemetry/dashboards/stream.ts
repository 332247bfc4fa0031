import type { Dashboard, Panel } from "./dashboard.ts";
import { increase, now, quantile, rate, THIS_STREAM } from "./expression.ts";

const stat = (title: string, unit: string, expr: string, legend = ""): Panel => ({
  title,
  type: "stat",
  unit,
  width: 4,
  curves: [{ expr, legend }],
});

/** How is this stream? */
export const STREAM_DASHBOARD: Dashboard = {
  uid: "fogcast-stream",
  title: "fogcast: one stream",
  help: "From the source to the viewers of one stream",
  oneStream: true,
  streams: now("fogcast_stream_up"),
  panels: [
    stat("Up", "short", now("fogcast_stream_up", THIS_STREAM)),
    stat("Viewers", "short", now("mist_sessions", `${THIS_STREAM}, sessType="viewers"`)),
    stat("Bit rate", "bps", `8 * ${now("fogcast_stream_received_bytes_per_second", THIS_STREAM)}`),
    stat(
      "Frames a second",
      "short",
      now("fogcast_track_frames_per_second", `${THIS_STREAM}, kind="video"`),
      "{{codec}}",
    ),
    stat("Key frames every", "s", now("fogcast_track_key_frame_interval_seconds", THIS_STREAM), "{{track}}"),
    stat("Buffer", "s", now("fogcast_stream_buffer_seconds", THIS_STREAM)),
    {
      title: "Bit rate",
      type: "timeseries",
      unit: "bps",
      width: 12,
      curves: [
        { expr: `8 * ${rate("fogcast_stream_received_bytes_total", THIS_STREAM)}`, legend: "received" },
        { expr: `8 * ${rate("fogcast_stream_sent_bytes_total", THIS_STREAM)}`, legend: "sent" },
      ],
    },
    {
      title: "Viewers",
      type: "timeseries",
      unit: "short",
      width: 12,
      curves: [{ expr: now("fogcast_stream_viewers", THIS_STREAM), legend: "{{protocol}}" }],
    },
    {
      title: "Frame rate",
      type: "timeseries",
      unit: "short",
      width: 12,
      curves: [{
        expr: now("fogcast_track_frames_per_second", THIS_STREAM),
        legend: "{{track}} {{codec}}",
      }],
    },
    {
      title: "Packets",
      type: "timeseries",
      unit: "pps",
      width: 12,
      curves: [
        { expr: rate("fogcast_stream_packets_lost_total", THIS_STREAM), legend: "lost" },
        { expr: rate("fogcast_stream_packets_reordered_total", THIS_STREAM), legend: "reordered" },
        { expr: rate("fogcast_stream_packets_duplicated_total", THIS_STREAM), legend: "duplicated" },
        { expr: rate("fogcast_stream_packets_recovered_total", THIS_STREAM), legend: "recovered" },
        { expr: rate("fogcast_stream_ts_continuity_errors_total", THIS_STREAM), legend: "TS gaps" },
        { expr: rate("fogcast_stream_frames_damaged_total", THIS_STREAM), legend: "damaged frames" },
      ],
    },
    {
      title: "Jitter of the source",
      type: "timeseries",
      unit: "s",
      width: 12,
      curves: [{ expr: now("fogcast_stream_jitter_seconds", THIS_STREAM), legend: "jitter" }],
    },
    {
      title: "Time through the server",
      type: "timeseries",
      unit: "s",
      width: 12,
      curves: [0.5, 0.9, 0.99].map((share) => ({
        expr: quantile(share, "fogcast_stream_latency_seconds", THIS_STREAM),
        legend: `${share * 100} %`,
      })),
    },
    {
      title: "Buffer",
      type: "timeseries",
      unit: "bytes",
      width: 12,
      curves: [{ expr: now("fogcast_stream_buffer_bytes", THIS_STREAM), legend: "memory" }],
    },
    {
      title: "Interruptions",
      type: "timeseries",
      unit: "short",
      width: 12,
      curves: [
        { expr: increase("fogcast_stream_reconnects_total", THIS_STREAM), legend: "reconnects" },
        { expr: increase("fogcast_stream_worker_restarts_total", THIS_STREAM), legend: "worker restarts" },
      ],
    },
  ],
};
