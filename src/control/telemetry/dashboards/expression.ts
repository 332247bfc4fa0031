import { type MetricName, METRICS } from "../metrics/metrics.ts";

/** Names of metrics of one type. */
type NameOf<Type extends string> = {
  [Name in MetricName]: (typeof METRICS)[Name]["type"] extends Type ? Name : never;
}[MetricName];

/** The stream that the dashboard's variable holds. */
export const THIS_STREAM = `stream=~"$stream"`;

/** PromQL of a metric's present value. Only names of metrics that there are compile. */
export function now(name: MetricName, labels = ""): string {
  return labels === "" ? name : `${name}{${labels}}`;
}

/** How fast a counter grows, a second. */
export function rate(name: NameOf<"counter">, labels = ""): string {
  return `rate(${now(name, labels)}[$__rate_interval])`;
}

/** How much a counter grew in the span that is looked at. */
export function increase(name: NameOf<"counter">, labels = ""): string {
  return `increase(${now(name, labels)}[$__rate_interval])`;
}

/** What so great a share of the values is below. */
export function quantile(share: number, name: NameOf<"histogram">, labels = "", by = ""): string {
  const at = labels === "" ? "" : `{${labels}}`;
  const kept = by === "" ? "le" : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${kept}) (rate(${name}_bucket${at}[$__rate_interval])))`;
}

/** Adds up, over all but the labels `by`. */
export function sum(expression: string, by = ""): string {
  return by === "" ? `sum(${expression})` : `sum by (${by}) (${expression})`;
}
