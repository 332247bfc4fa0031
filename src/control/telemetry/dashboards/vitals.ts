import type { Dashboard } from "./dashboard.ts";
import { increase, now, rate, sum } from "./expression.ts";

/** Is the server well? */
export const VITALS_DASHBOARD: Dashboard = {
  uid: "fogcast-vitals",
  title: "fogcast: vitals",
  help: "The server and its machine",
  oneStream: false,
  streams: now("fogcast_stream_up"),
  panels: [
    {
      title: "Running for",
      type: "stat",
      unit: "s",
      width: 6,
      curves: [{ expr: `time() - ${now("fogcast_start_time_seconds")}`, legend: "" }],
    },
    {
      title: "Viewers",
      type: "stat",
      unit: "short",
      width: 6,
      curves: [{ expr: now("fogcast_sessions", `kind="viewer"`), legend: "" }],
    },
    {
      title: "Streams",
      type: "stat",
      unit: "short",
      width: 6,
      curves: [{ expr: now("fogcast_streams"), legend: "{{state}}" }],
    },
    {
      title: "Version",
      type: "stat",
      unit: "short",
      width: 6,
      curves: [{ expr: now("fogcast_build_info"), legend: "{{version}}" }],
    },
    {
      title: "Processors",
      type: "timeseries",
      unit: "percentunit",
      width: 12,
      curves: [
        { expr: now("fogcast_machine_cpu_ratio"), legend: "machine, of all cores" },
        { expr: rate("fogcast_process_cpu_seconds_total"), legend: "server, of one core" },
      ],
    },
    {
      title: "Memory",
      type: "timeseries",
      unit: "bytes",
      width: 12,
      curves: [
        { expr: now("fogcast_machine_memory_used_bytes"), legend: "machine" },
        { expr: now("fogcast_process_resident_memory_bytes"), legend: "server" },
        { expr: now("fogcast_buffer_used_bytes"), legend: "buffers" },
        { expr: now("fogcast_buffer_budget_bytes"), legend: "buffers, at most" },
        { expr: now("fogcast_machine_memory_bytes"), legend: "there is" },
      ],
    },
    {
      title: "Bandwidth",
      type: "timeseries",
      unit: "bps",
      width: 12,
      curves: [
        { expr: `8 * ${rate("fogcast_sent_bytes_total")}`, legend: "sent" },
        { expr: `8 * ${rate("fogcast_received_bytes_total")}`, legend: "received" },
        {
          expr: `8 * ${rate("stat_bw_total", `direction="up"`)}`,
          legend: "all the machine sends",
        },
      ],
    },
    {
      title: "Sessions",
      type: "timeseries",
      unit: "short",
      width: 12,
      curves: [{ expr: now("fogcast_sessions"), legend: "{{kind}}" }],
    },
    {
      title: "Streams by state",
      type: "timeseries",
      unit: "short",
      width: 12,
      curves: [{ expr: now("fogcast_streams"), legend: "{{state}}" }],
    },
    {
      title: "Trouble",
      type: "timeseries",
      unit: "short",
      width: 12,
      curves: [
        { expr: increase("fogcast_http_worker_restarts_total"), legend: "restarts of HTTP workers" },
        { expr: sum(increase("fogcast_stream_worker_restarts_total")), legend: "restarts of stream workers" },
        { expr: sum(increase("fogcast_stream_reconnects_total")), legend: "reconnects to sources" },
        { expr: increase("fogcast_viewers_refused_total"), legend: "viewers refused" },
        { expr: increase("fogcast_streams_refused_total"), legend: "streams refused for want of memory" },
        { expr: increase("fogcast_log_lines_total"), legend: "log lines" },
      ],
    },
  ],
};
