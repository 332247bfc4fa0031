/** One curve of a panel. */
export interface Curve {
  /** PromQL. */
  readonly expr: string;
  /** Legend; `{{label}}` is replaced. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly type: "timeseries" | "stat" | "table";
  /** Grafana's name of the unit: `bps`, `bytes`, `s`, `percentunit`, `short`. */
  readonly unit: string;
  readonly curves: readonly Curve[];
  /** Of 24. */
  readonly width: number;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly help: string;
  /** Has a variable for the stream. */
  readonly oneStream: boolean;
  readonly panels: readonly Panel[];
  /** PromQL that has the label `stream` of every stream. */
  readonly streams: string;
}

const COLUMNS = 24;
const HEIGHTS = { timeseries: 8, stat: 4, table: 10 } as const;
/** Grafana 10 and later. */
const SCHEMA_VERSION = 39;
const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** The dashboard as Grafana imports it. */
export function dashboardJson(dashboard: Dashboard): object {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.help,
    tags: ["fogcast"],
    schemaVersion: SCHEMA_VERSION,
    timezone: "browser",
    editable: true,
    refresh: "10s",
    time: { from: "now-1h", to: "now" },
    templating: { list: variables(dashboard) },
    panels: place(dashboard.panels),
  };
}

function variables({ oneStream, streams }: Dashboard): object[] {
  const datasource = { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" };
  if (!oneStream) return [datasource];
  const query = `label_values(${streams}, stream)`;
  return [
    datasource,
    {
      name: "stream",
      label: "Stream",
      type: "query",
      datasource: DATASOURCE,
      definition: query,
      query: { query, refId: "stream" },
      refresh: 2,
      sort: 1,
    },
  ];
}

/** From left to right, rows as high as their first panel. */
function place(panels: readonly Panel[]): object[] {
  let x = 0, y = 0, height = 0;
  return panels.map((panel, n) => {
    if (x + panel.width > COLUMNS) {
      x = 0;
      y += height;
    }
    if (x === 0) height = HEIGHTS[panel.type];
    const gridPos = { x, y, w: panel.width, h: height };
    x += panel.width;
    return panelJson(panel, n + 1, gridPos);
  });
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { type, title, unit, curves } = panel;
  return {
    id,
    type,
    title,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: type === "timeseries"
      ? { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } }
      : {},
    targets: curves.map(({ expr, legend }, n) => ({
      refId: String.fromCharCode(65 + n),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(type === "table" ? { format: "table", instant: true } : {}),
    })),
  };
}
