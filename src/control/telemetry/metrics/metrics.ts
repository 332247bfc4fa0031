import { type MetricFamily, type MetricsSnapshot, printFamily } from "./family.ts";
import { REFERENCE_METRICS } from "./reference_metrics.ts";
import { SERVER_METRICS } from "./server_metrics.ts";
import { STREAM_METRICS } from "./stream_metrics.ts";

/** Every metric by its name. Dashboards take their names from here, so that none can be wrong. */
export const METRICS = { ...REFERENCE_METRICS, ...SERVER_METRICS, ...STREAM_METRICS };

export type MetricName = keyof typeof METRICS;

/** What the content is called over HTTP. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The Prometheus text format, version 0.0.4. Without `perStream`, metrics that each stream has are left out. */
export function printMetrics(snapshot: MetricsSnapshot, perStream = true): string {
  let text = "";
  for (const [name, family] of Object.entries<MetricFamily>(METRICS)) {
    if (perStream || family.perStream !== true) text += printFamily(name, family, snapshot);
  }
  return text;
}
