/**
 * What checks cost: every table of the demo's pipeline but the schedule made again from nothing, with every `checks`
 * left out, with those that are shipped, and with one check on every column, in turn on the same warehouse, medians of
 * three. That keys are unique, and which games are there, is looked at in all: how long the audits take says what that
 * costs.
 */
import type {Asset, AssetName, Check, Column, Pipeline} from '../planner/pipeline.ts';
import {copyFilled, median} from './filled.ts';
import {type Remade, remake} from './remake.ts';

const ROUNDS = 3;
const VARIANTS = ['none', 'shipped', 'every column'] as const;
type Variant = (typeof VARIANTS)[number];
type Figures = Readonly<Record<Variant, number>>;

const filled = await copyFilled();
const {pipeline} = filled;
const calendars = [...pipeline.calendars.values()].flatMap(({source}) =>
  source.kind === 'asset' ? [source.asset] : [],
);
const names = [...pipeline.assets.values()]
  .filter(({making, name}) => (making.kind === 'sql' || making.kind === 'rows') && !calendars.includes(name))
  .map(({name}) => name);

function checksOf(asset: Asset, variant: Variant): readonly Check[] {
  if (variant === 'none') return [];
  if (variant === 'shipped') return asset.checks;
  return [...asset.checks, ...asset.columns.flatMap(column => columnChecks(asset, column))];
}

/** Checks that hold on anything: a violation costs a look at the wrong rows. */
function columnChecks({at}: Asset, {name: column, type}: Column): readonly Check[] {
  const base = (kind: string) =>
    ({name: `${kind}(${column})`, severity: 'warn', penalty: 5, at, column}) as const;
  switch (type) {
    case 'int64':
    case 'float64':
      return [
        {...base('range'), kind: 'range', min: -1e12, max: 1e12},
        {...base('zero_share'), kind: 'zero-share', atMost: 1},
      ];
    case 'string':
      return [{...base('regex'), kind: 'regex', pattern: '[^\\n]*'}];
    case 'date':
    case 'timestamp':
      return [{...base('freshness'), kind: 'freshness', within: Number.MAX_SAFE_INTEGER}];
    default:
      return [];
  }
}

function variantOf(variant: Variant): Pipeline {
  const assets = [...pipeline.assets].map(
    ([name, asset]) => [name, {...asset, checks: checksOf(asset, variant)}] as const,
  );
  return {...pipeline, assets: new Map(assets)};
}

const rounds: Record<Variant, Remade[]> = {none: [], shipped: [], 'every column': []};
try {
  await remake(filled, names);
  for (let round = 0; round < ROUNDS; round++) {
    // Whichever comes later finds what the others left behind.
    for (const [i] of VARIANTS.entries()) {
      const variant = VARIANTS[(i + round) % VARIANTS.length] ?? 'none';
      rounds[variant].push(await remake({...filled, pipeline: variantOf(variant)}, names));
    }
  }
} finally {
  filled.remove();
}

function figures(measure: (round: Remade) => number): Figures {
  const of = (variant: Variant): number => median(rounds[variant].map(measure));
  return {none: of('none'), shipped: of('shipped'), 'every column': of('every column')};
}

const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);
const counts = (assets: readonly AssetName[]): readonly number[] =>
  VARIANTS.map(
    variant => total(assets.map(name => checksOf(pipeline.assets.get(name) as Asset, variant).length)), // its own names
  );
const rows = names.map(name => ({
  name,
  checks: counts([name]),
  seconds: figures(({assets}) => assets.get(name) ?? 0),
  audit: figures(({audits}) => audits.get(name) ?? 0),
}));
const seconds = figures(round => round.seconds);
const audit = figures(({audits}) => total(audits.values()));
/** By the audits, which tell apart what the run's own noise hides. */
const more = (variant: Variant): number => ((audit[variant] - audit.none) / seconds.none) * 100;
const ofRun = (variant: Variant): number => (seconds[variant] / seconds.none - 1) * 100;

const line = (name: string, checks: readonly number[], made: Figures, judged: Figures): string =>
  `${name.padEnd(40)}${checks.map(count => String(count).padStart(5)).join('')}${[made, judged]
    .flatMap(each => VARIANTS.map(variant => each[variant].toFixed(3).padStart(9)))
    .join('')}`;
console.log(
  `Tables of target '${filled.target}', medians of ${ROUNDS} rounds, each for no checks, those shipped, one on every column:`,
);
console.log(
  `${''.padEnd(40)}${'checks'.padStart(15)}${'seconds'.padStart(27)}${'of these the audit'.padStart(27)}`,
);
for (const row of rows) console.log(line(row.name, row.checks, row.seconds, row.audit));
console.log(line('the whole run', counts(names), seconds, audit));
for (const variant of ['shipped', 'every column'] as const) {
  console.log(
    `Checks (${variant}): ${more(variant).toFixed(1)} % more by the audits, ${ofRun(variant).toFixed(1)} % by the whole run; the aim is less than 40 %.`,
  );
}
const cost = {shipped: more('shipped'), everyColumn: more('every column')};
const whole = {shipped: ofRun('shipped'), everyColumn: ofRun('every column')};
console.log(
  JSON.stringify({
    bench: 'checks',
    target: filled.target,
    seconds,
    audit,
    more: cost,
    moreOfRun: whole,
    assets: rows,
  }),
);
