import { expect, test } from "bun:test";
import {
  DASHBOARD_NAMES,
  DASHBOARDS,
  printDashboard,
} from "../../../src/control/telemetry/dashboards/dashboards.ts";
import { type MetricName, METRICS } from "../../../src/control/telemetry/metrics/metrics.ts";
import { dashboardOf } from "../../../src/app/print_dashboard.ts";

interface Grafana {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly refId: string; readonly expr: string }[];
  }[];
}

const FUNCTIONS = [
  "rate",
  "increase",
  "sum",
  "by",
  "topk",
  "time",
  "histogram_quantile",
  "label_values",
  "le",
  "stream",
];

/** Names in an expression that are neither labels nor functions. */
function metricsIn(expr: string): string[] {
  const bare = expr.replace(/\{[^}]*\}/g, "").replace(/\[[^\]]*\]/g, "");
  return [...bare.matchAll(/[a-z_][a-z0-9_]*/gi)].map((m) => m[0]).filter((name) =>
    !FUNCTIONS.includes(name)
  );
}

/** The family that a name in an expression belongs to. */
function familyOf(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  return base in METRICS && METRICS[base as MetricName].type === "histogram" ? base : name;
}

for (const name of DASHBOARD_NAMES) {
  const dashboard = JSON.parse(printDashboard(name)) as Grafana;

  test(`every metric of the dashboard ${name} exists`, () => {
    const expressions = dashboard.panels.flatMap((p) => p.targets.map((t) => t.expr));
    const definitions = dashboard.templating.list.flatMap((v) => v.definition ?? []);
    for (const expr of [...expressions, ...definitions]) {
      const names = metricsIn(expr);
      expect(names.length).toBeGreaterThan(0);
      for (const metric of names) expect(Object.keys(METRICS)).toContain(familyOf(metric));
    }
  });

  test(`rates in the dashboard ${name} are of counters alone`, () => {
    for (const { expr } of dashboard.panels.flatMap((p) => p.targets)) {
      for (const [, metric] of expr.matchAll(/(?:rate|increase)\(([a-z_]+)/g)) {
        const { type } = METRICS[familyOf(metric as string) as MetricName];
        expect(["counter", "histogram"]).toContain(type);
      }
    }
  });

  test(`the panels of the dashboard ${name} lie side by side`, () => {
    const taken = new Set<string>();
    for (const { gridPos: { x, y, w, h } } of dashboard.panels) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          const cell = `${row}/${column}`;
          expect(taken.has(cell)).toBe(false);
          taken.add(cell);
        }
      }
    }
    expect(new Set(dashboard.panels.map((p) => p.id)).size).toBe(dashboard.panels.length);
  });

  test(`fogcast dashboard ${name} prints it`, () => {
    expect(dashboardOf(`dashboard ${name}`)).toBe(printDashboard(name));
  });
}

test("dashboards have names of their own, and that of one stream lets choose it", () => {
  const uids = DASHBOARD_NAMES.map((name) => DASHBOARDS[name].uid);
  expect(new Set(uids).size).toBe(uids.length);
  const stream = JSON.parse(printDashboard("stream")) as Grafana;
  expect(stream.templating.list.map((v) => v.name)).toEqual(["datasource", "stream"]);
  for (const { expr } of stream.panels.flatMap((p) => p.targets)) expect(expr).toContain('stream=~"$stream"');
});

test("dashboardOf() throws for what is no dashboard", () => {
  expect(() => dashboardOf("dashboard other")).toThrow("No dashboard for the command dashboard other");
});
