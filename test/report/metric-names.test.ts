/** What is written about metrics, and what reads them, names only what there is. */
import {readFileSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {METRICS, type Metric, SUFFIXES} from '../../report/metric-names.ts';

const file = (name: string) => new URL(`../../${name}`, import.meta.url);
const read = (name: string) => readFileSync(file(name), 'utf8');

/** Labels of every series that is told. */
const SERIES = new Map<string, readonly string[]>(
  Object.entries<Metric>(METRICS).flatMap(([name, {type, labels}]) =>
    SUFFIXES[type].map(
      suffix => [`${name}${suffix}`, suffix === '_bucket' ? [...labels, 'le'] : labels] as const,
    ),
  ),
);

/** What an expression asks for that there is not. */
function mistakesIn(expression: string, legend = ''): readonly string[] {
  const mistakes: string[] = [];
  const known = new Set<string>();
  const bare = expression.replaceAll(/"[^"]*"/g, '""');
  for (const [, name = '', matchers = ''] of bare.matchAll(/(gameplan_\w+)(?:\{([^}]*)\})?/g)) {
    const labels = SERIES.get(name);
    if (labels === undefined) mistakes.push(`no metric ${name}`);
    for (const label of labels ?? []) known.add(label);
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*[=!]~?/g))
      if (labels?.includes(label) !== true) mistakes.push(`${name} has no label ${label}`);
  }
  if (!/gameplan_/.test(bare)) mistakes.push('no metric of ours');
  const grouped = [...bare.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, own = '']) =>
    own.split(',').map(label => label.trim()),
  );
  const shown = [...legend.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label);
  for (const label of [...grouped, ...shown])
    if (!known.has(label)) mistakes.push(`nothing in it has the label ${label}`);
  return mistakes;
}

describe('what asks for metrics', () => {
  interface Panel {
    readonly title: string;
    readonly targets: readonly {readonly expr: string; readonly legendFormat: string}[];
  }
  const dashboard = JSON.parse(read('deploy/grafana/gameplan.json')) as {
    readonly panels: readonly Panel[];
    readonly templating: {readonly list: readonly {readonly query: string | {readonly query: string}}[]};
  };

  test('every panel of the dashboard asks for metrics and labels that there are', () => {
    const found = dashboard.panels.flatMap(({title, targets}) =>
      targets.flatMap(({expr, legendFormat}) =>
        mistakesIn(expr, legendFormat).map(each => `${title}: ${each}`),
      ),
    );
    expect(found).toEqual([]);
    expect(dashboard.panels.length).toBeGreaterThan(15);
  });

  test('so do its variables', () => {
    const queries = dashboard.templating.list.map(({query}) =>
      typeof query === 'string' ? query : query.query,
    );
    const asked = queries.flatMap(query => [...query.matchAll(/label_values\((\w+), (\w+)\)/g)]);
    expect(asked.map(([, name = '', label = '']) => SERIES.get(name)?.includes(label))).toEqual([true]);
  });

  test('so does every rule for alerts', () => {
    const {groups} = parse(read('deploy/prometheus/alerts.yaml')) as {
      groups: {rules: {alert: string; expr: string; annotations: Record<string, string>}[]}[];
    };
    const rules = groups.flatMap(group => group.rules);
    const found = rules.flatMap(({alert, expr, annotations}) =>
      mistakesIn(expr, Object.values(annotations).join(' ')).map(each => `${alert}: ${each}`),
    );
    expect(found).toEqual([]);
    expect(rules.length).toBeGreaterThan(5);
  });

  test.each([
    [
      'sum by (state) (gameplan_partition)',
      '',
      ['no metric gameplan_partition', 'nothing in it has the label state'],
    ],
    ['gameplan_gaps{state="open"}', '', ['gameplan_gaps has no label state']],
    ['gameplan_runs_total', '{{asset}}', ['nothing in it has the label asset']],
    ['rate(gameplan_run_duration_seconds[5m])', '', ['no metric gameplan_run_duration_seconds']],
    ['up', '', ['no metric of ours']],
  ])('a mistake is found in %s', (expression, legend, mistakes) => {
    expect(mistakesIn(expression, legend)).toEqual(mistakes);
  });
});

test('docs/metrics.md lists every metric', () => {
  const rows = Object.entries<Metric>(METRICS).map(
    ([name, {type, labels, help}]) =>
      `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help} |`,
  );
  const table = ['| metric | kind | labels | what it tells |', '|---|---|---|---|', ...rows].join('\n');
  const page = read('docs/metrics.md');
  const whole = page.replace(
    /(<!-- metrics -->\n)[\s\S]*?(<!-- \/metrics -->)/,
    (_, begin: string, end: string) => `${begin}${table}\n${end}`,
  );
  if (process.env['UPDATE_CASES'] === '1') writeFileSync(file('docs/metrics.md'), whole);
  else expect(page).toBe(whole);
});
