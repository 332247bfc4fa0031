import { DASHBOARD_NAMES, printDashboard } from "../control/telemetry/dashboards/dashboards.ts";

/** `fogcast dashboard NAME`: the JSON that Grafana imports. Throws for a command that names none. */
export function dashboardOf(command: string): string {
  const name = DASHBOARD_NAMES.find((n) => command === `dashboard ${n}`);
  if (name === undefined) throw new Error(`No dashboard for the command ${command}`);
  return printDashboard(name);
}
