/** The few kinds of panels that our dashboards are made of. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** By the uids of ops/grafana/provisioning/datasources. */
const PROMETHEUS = { type: 'prometheus', uid: 'talos-prometheus' };
const POSTGRES = { type: 'grafana-postgresql-datasource', uid: 'talos-postgres' };

const refId = (index) => String.fromCharCode(65 + index);

const promql = ([expr, legend], index) =>
  new prometheus.DataqueryBuilder()
    .refId(refId(index))
    .expr(expr)
    .legendFormat(legend ?? '');

/** The SDK has no builder for PostgreSQL's queries: any object of this form is one. */
const sql = (rawSql, format, index) => ({
  build: () => ({
    refId: refId(index),
    rawSql,
    format,
    rawQuery: true,
    editorMode: 'code',
    _implementsDataqueryVariant() {},
  }),
});

const KINDS = {
  stat: stat.PanelBuilder,
  states: statetimeline.PanelBuilder,
  lines: timeseries.PanelBuilder,
  table: table.PanelBuilder,
};

function panel(kind, title, { unit, width = 8, height = 7, description } = {}) {
  const made = new KINDS[kind]().title(title).span(width).height(height);
  if (unit) made.unit(unit);
  if (description) made.description(description);
  return made;
}

/** `queries`: PromQL, each with its legend. */
export function ofPrometheus(kind, title, queries, options) {
  const made = panel(kind, title, options).datasource(PROMETHEUS);
  for (const [index, query] of queries.entries()) made.withTarget(promql(query, index));
  return made;
}

export const ofPostgres = (kind, title, query, options) =>
  panel(kind, title, options)
    .datasource(POSTGRES)
    .withTarget(sql(query, kind === 'table' ? 'table' : 'time_series', 0));

export function build({ title, uid, from, rows }) {
  const made = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .tags(['talosprimes-maintenance', 'generated'])
    .time({ from, to: 'now' })
    .timezone('browser')
    .refresh('1m')
    .readonly();
  for (const [name, panels] of rows) {
    made.withRow(new dashboard.RowBuilder(name));
    for (const one of panels) made.withPanel(one);
  }
  return `${JSON.stringify(made.build(), undefined, 2)}\n`;
}
