import { counter, gauge, type MetricFamily } from "./family.ts";

/** The server as a whole. */
export const SERVER_METRICS = {
  fogcast_build_info: {
    type: "gauge",
    help: "1, with the version of the program",
    samples: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  fogcast_start_time_seconds: gauge("Unix time of the start", (s) => s.startedAt / 1000),
  fogcast_process_cpu_seconds_total: counter(
    "Processor time of the server",
    (s) => s.process.cpuMillis / 1000,
  ),
  fogcast_process_resident_memory_bytes: gauge(
    "Memory of the server that is resident",
    (s) => s.process.residentBytes,
  ),
  fogcast_machine_cpu_ratio: gauge("Share of all processors of the machine that is busy", (s) => s.cpuShare),
  fogcast_machine_memory_bytes: gauge("Memory of the machine", (s) => s.machine.memoryTotal),
  fogcast_machine_memory_used_bytes: gauge("Memory of the machine in use", (s) => s.machine.memoryUsed),
  fogcast_sessions: {
    type: "gauge",
    help: "Sessions now, by kind",
    samples: (s) => Object.entries(s.sessions).map(([kind, value]) => ({ labels: { kind }, value })),
  },
  fogcast_sessions_started_total: {
    type: "counter",
    help: "Sessions since the start, by kind",
    samples: (s) => Object.entries(s.sums.sessions).map(([kind, value]) => ({ labels: { kind }, value })),
  },
  fogcast_sent_bytes_total: counter("Bytes of bodies sent to viewers", (s) => s.sums.bytesOut),
  fogcast_received_bytes_total: counter("Bytes received from sources", (s) => s.sums.bytesIn),
  fogcast_log_lines_total: counter("Log lines", (s) => s.logLines),
  fogcast_http_worker_restarts_total: counter(
    "Starts of HTTP workers after they ended by themselves",
    (s) => s.httpWorkerRestarts,
  ),
  fogcast_forwarded_headers_ignored_total: counter(
    "Headers such as X-Forwarded-For from peers that are not in http.proxies",
    (s) => s.forwardedIgnored,
  ),
  fogcast_viewers_refused_total: counter(
    "New viewers answered 503 because of a limit",
    (s) => s.limits.viewersRefused,
  ),
  fogcast_streams_refused_total: counter(
    "Streams not started because the buffers' memory was used up",
    (s) => s.limits.streamsRefused,
  ),
  fogcast_buffer_used_bytes: gauge(
    "Memory that the buffers of all streams take",
    (s) => s.limits.bufferUsedBytes,
  ),
  fogcast_buffer_budget_bytes: gauge(
    "Memory that the buffers of all streams may take",
    (s) => s.limits.bufferBudgetBytes,
  ),
  fogcast_streams: {
    type: "gauge",
    help: "Streams, by state",
    samples: (s) => {
      const states = new Map([["idle", 0], ["connecting", 0], ["online", 0], ["waiting", 0], ["refused", 0]]);
      for (const { state } of s.streams) states.set(state, (states.get(state) ?? 0) + 1);
      return [...states].map(([state, value]) => ({ labels: { state }, value }));
    },
  },
} as const satisfies Readonly<Record<string, MetricFamily>>;
