import { type MetricFamily, one } from "./family.ts";

/** The server as a whole. */
export const SERVER_METRICS = {
  fogcast_build_info: {
    type: "gauge",
    help: "1, with the version of the program",
    samples: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  fogcast_start_time_seconds: {
    type: "gauge",
    help: "Unix time of the start",
    samples: (s) => one(s.startedAt / 1000),
  },
  fogcast_process_cpu_seconds_total: {
    type: "counter",
    help: "Processor time of the server",
    samples: (s) => one(s.process.cpuMillis / 1000),
  },
  fogcast_process_resident_memory_bytes: {
    type: "gauge",
    help: "Memory of the server that is resident",
    samples: (s) => one(s.process.residentBytes),
  },
  fogcast_machine_cpu_ratio: {
    type: "gauge",
    help: "Share of all processors of the machine that is busy",
    samples: (s) => one(s.cpuShare),
  },
  fogcast_machine_memory_bytes: {
    type: "gauge",
    help: "Memory of the machine",
    samples: (s) => one(s.machine.memoryTotal),
  },
  fogcast_machine_memory_used_bytes: {
    type: "gauge",
    help: "Memory of the machine in use",
    samples: (s) => one(s.machine.memoryUsed),
  },
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
  fogcast_sent_bytes_total: {
    type: "counter",
    help: "Bytes of bodies sent to viewers",
    samples: (s) => one(s.sums.bytesOut),
  },
  fogcast_received_bytes_total: {
    type: "counter",
    help: "Bytes received from sources",
    samples: (s) => one(s.sums.bytesIn),
  },
  fogcast_log_lines_total: { type: "counter", help: "Log lines", samples: (s) => one(s.logLines) },
  fogcast_http_worker_restarts_total: {
    type: "counter",
    help: "Starts of HTTP workers after they ended by themselves",
    samples: (s) => one(s.httpWorkerRestarts),
  },
  fogcast_forwarded_headers_ignored_total: {
    type: "counter",
    help: "Headers such as X-Forwarded-For from peers that are not in http.proxies",
    samples: (s) => one(s.forwardedIgnored),
  },
  fogcast_viewers_refused_total: {
    type: "counter",
    help: "New viewers answered 503 because of a limit",
    samples: (s) => one(s.limits.viewersRefused),
  },
  fogcast_streams_refused_total: {
    type: "counter",
    help: "Streams not started because the buffers' memory was used up",
    samples: (s) => one(s.limits.streamsRefused),
  },
  fogcast_buffer_used_bytes: {
    type: "gauge",
    help: "Memory that the buffers of all streams take",
    samples: (s) => one(s.limits.bufferUsedBytes),
  },
  fogcast_buffer_budget_bytes: {
    type: "gauge",
    help: "Memory that the buffers of all streams may take",
    samples: (s) => one(s.limits.bufferBudgetBytes),
  },
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
