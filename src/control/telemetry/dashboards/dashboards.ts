import { type Dashboard, dashboardJson } from "./dashboard.ts";
import { STREAM_DASHBOARD } from "./stream.ts";
import { STREAMS_DASHBOARD } from "./streams.ts";
import { VITALS_DASHBOARD } from "./vitals.ts";

/** Grafana dashboards by the name that the command line takes. */
export const DASHBOARDS = {
  vitals: VITALS_DASHBOARD,
  stream: STREAM_DASHBOARD,
  streams: STREAMS_DASHBOARD,
} as const satisfies Readonly<Record<string, Dashboard>>;

export type DashboardName = keyof typeof DASHBOARDS;

export const DASHBOARD_NAMES = Object.keys(DASHBOARDS) as readonly DashboardName[];

/** What Grafana imports. */
export function printDashboard(name: DashboardName): string {
  return JSON.stringify(dashboardJson(DASHBOARDS[name]), undefined, 2);
}
