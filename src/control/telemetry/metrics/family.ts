import type { Histogram } from "../../../base/histogram.ts";
import { LATENCY_BOUNDS } from "../../../base/histogram.ts";
import type { LimitsLoad } from "../../limits/limits_load.ts";
import type { SessionKind } from "../../session/session_row.ts";
import type { Sums } from "../../session/sums.ts";
import type { MachineLoad, ProcessLoad } from "../machine.ts";
import type { StreamStatus } from "../stream_status.ts";

/** All that metrics are printed from, taken at one time. */
export interface MetricsSnapshot {
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly streams: readonly StreamStatus[];
  readonly sums: Readonly<Sums>;
  /** Sessions now. */
  readonly sessions: Readonly<Record<SessionKind, number>>;
  readonly machine: MachineLoad;
  /** Share of all processors that is busy, 0 to 1. */
  readonly cpuShare: number;
  readonly process: ProcessLoad;
  /** Log lines so far. */
  readonly logLines: number;
  readonly httpWorkerRestarts: number;
  readonly forwardedIgnored: number;
  readonly limits: LimitsLoad;
}

export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number | Histogram;
}

/**
 * One metric. `untyped` is for names of the reference that say one type and mean another (`_total` for a value that
 * falls): linters let those alone.
 */
export interface MetricFamily {
  readonly type: "counter" | "gauge" | "histogram" | "untyped";
  /** One line, no full stop. */
  readonly help: string;
  /** Printed for each stream: left out where the configuration says so. */
  readonly perStream?: true;
  readonly samples: (snapshot: MetricsSnapshot) => readonly Sample[];
}

/** A metric without labels. */
export function one(value: number): readonly Sample[] {
  return [{ value }];
}

/** A metric without labels that only grows. */
export function counter(
  help: string,
  value: (snapshot: MetricsSnapshot) => number,
): MetricFamily & { readonly type: "counter" } {
  return { type: "counter", help, samples: (s) => one(value(s)) };
}

/** A metric without labels that may fall. */
export function gauge(
  help: string,
  value: (snapshot: MetricsSnapshot) => number,
): MetricFamily & { readonly type: "gauge" } {
  return { type: "gauge", help, samples: (s) => one(value(s)) };
}

/** One sample a stream. */
export function each(
  snapshot: MetricsSnapshot,
  value: (stream: StreamStatus) => number | Histogram,
): readonly Sample[] {
  return snapshot.streams.map((stream) => ({ labels: { stream: stream.name }, value: value(stream) }));
}

/** Prometheus text format 0.0.4 of one family; empty when it has no samples. Histograms are of milliseconds, printed in seconds. */
export function printFamily(name: string, family: MetricFamily, snapshot: MetricsSnapshot): string {
  const samples = family.samples(snapshot);
  if (samples.length === 0) return "";
  let text = `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${family.type}\n`;
  for (const { labels = {}, value } of samples) {
    text += typeof value === "number"
      ? `${name}${printLabels(labels)} ${printNumber(value)}\n`
      : printHistogram(name, labels, value);
  }
  return text;
}

function printHistogram(name: string, labels: Labels, histogram: Histogram): string {
  let text = "";
  histogram.cumulative().forEach((count, n) => {
    const bound = LATENCY_BOUNDS[n];
    const le = bound === undefined ? "+Inf" : String(bound / 1000);
    text += `${name}_bucket${printLabels({ ...labels, le })} ${count}\n`;
  });
  const at = printLabels(labels);
  return `${text}${name}_sum${at} ${
    printNumber(histogram.sum / 1000)
  }\n${name}_count${at} ${histogram.count}\n`;
}

function printLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function printNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
