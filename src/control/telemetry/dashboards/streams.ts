import type { Dashboard, Panel } from "./dashboard.ts";
import { increase, now, quantile, rate } from "./expression.ts";

/** Curves of the streams that are highest. */
const SHOWN = 10;

const top = (title: string, unit: string, expr: string): Panel => ({
  title,
  type: "timeseries",
  unit,
  width: 12,
  curves: [{ expr: `topk(${SHOWN}, ${expr})`, legend: "{{stream}}" }],
});

/** Which stream needs a look? */
export const STREAMS_DASHBOARD: Dashboard = {
  uid: "fogcast-streams",
  title: "fogcast: all streams",
  help: "All streams side by side",
  oneStream: false,
  streams: now("fogcast_stream_up"),
  panels: [
    {
      title: "Streams that are down",
      type: "table",
      unit: "short",
      width: 12,
      curves: [{ expr: `${now("fogcast_stream_up")} == 0`, legend: "{{stream}}" }],
    },
    {
      title: "Viewers by stream and protocol",
      type: "table",
      unit: "short",
      width: 12,
      curves: [{ expr: now("fogcast_stream_viewers"), legend: "{{stream}} {{protocol}}" }],
    },
    top("Viewers", "short", `sum by (stream) (${now("fogcast_stream_viewers")})`),
    top("Bit rate of the source", "bps", `8 * ${now("fogcast_stream_received_bytes_per_second")}`),
    top("Sent", "bps", `8 * ${rate("fogcast_stream_sent_bytes_total")}`),
    top("Packets lost", "pps", rate("fogcast_stream_packets_lost_total")),
    top("Jitter of the source", "s", now("fogcast_stream_jitter_seconds")),
    top("Reconnects", "short", increase("fogcast_stream_reconnects_total")),
    top("Time through the server, 99 %", "s", quantile(0.99, "fogcast_stream_latency_seconds", "", "stream")),
    top("Memory", "bytes", now("fogcast_stream_buffer_bytes")),
  ],
};
