/**
 * A strict reader of Prometheus' text format, with the rules that `promtool check metrics` goes by: names, units, order,
 * help, labels, buckets. It throws at the first line that breaks one.
 */

export interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly lines: readonly Line[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const PAIR = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
/** Of the base units, and what people write instead. */
const WRONG_UNITS = /_(ms|milliseconds|minutes|hours|days|kb|mb|gb|kilobytes|megabytes|percent)(_|$)/;

export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end');
  const families = new Map<string, Family & {lines: Line[]}>();
  const seen = new Set<string>();
  let current: (Family & {lines: Line[]}) | undefined;
  let help: readonly [string, string] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, helped, said = ''] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (helped !== undefined) {
      help = [helped, said];
      continue;
    }
    const [, typed, type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (typed !== undefined) {
      if (families.has(typed)) fail('A family comes twice');
      if (help?.[0] !== typed || help[1] === '') fail('A type without its help before it');
      current = {name: typed, help: help?.[1] ?? '', type, lines: []};
      checkName(current);
      families.set(typed, current);
      continue;
    }
    if (current === undefined || line.startsWith('#')) return fail('Neither help, type nor sample');
    const found = sampleOf(line) ?? fail('No sample');
    const suffix = found.name.slice(current.name.length);
    if (!found.name.startsWith(current.name) || SUFFIXES[current.type]?.includes(suffix) !== true)
      fail(`Not of ${current.name}`);
    const id = JSON.stringify([found.name, Object.entries(found.labels).toSorted()]);
    if (seen.has(id)) fail('A series comes twice');
    seen.add(id);
    current.lines.push(found);
  }
  for (const family of families.values()) if (family.type === 'histogram') checkBuckets(family);
  return families;
}

function sampleOf(line: string): Line | undefined {
  const [name = ''] = NAME.exec(line) ?? [];
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const [whole, label = '', text = ''] = PAIR.exec(rest) ?? [];
      if (whole === undefined || label in labels) return undefined;
      labels[label] = text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
      rest = rest.slice(whole.length).replace(/^,(?!})/, '');
    }
    rest = rest.slice(1);
  }
  const [, digits] = /^ ([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?|\+Inf|NaN)$/.exec(rest) ?? [];
  if (name === '' || digits === undefined) return undefined;
  return {name, labels, value: Number(digits.replace('+Inf', 'Infinity'))};
}

function checkName({name, type}: Family): void {
  const wrong =
    !/^[a-z][a-z0-9_]*$/.test(name) ||
    WRONG_UNITS.test(name) ||
    (type === 'counter') !== name.endsWith('_total') ||
    /_(count|sum|bucket)$/.test(name) ||
    /gauge|counter|histogram|summary/.test(name);
  if (wrong) throw new Error(`The name ${name} does not fit a ${type}`);
}

function checkBuckets({name, lines}: Family): void {
  const groups = Map.groupBy(lines, ({labels: {le: _, ...rest}}) => JSON.stringify(rest));
  for (const [labels, own] of groups) {
    const buckets = own.filter(line => line.name.endsWith('_bucket'));
    const count = own.find(line => line.name.endsWith('_count'))?.value;
    const bounds = buckets.map(line => Number(line.labels['le']?.replace('+Inf', 'Infinity')));
    const isRising = buckets.every(
      ({value}, i) =>
        i === 0 || (value >= (buckets[i - 1]?.value ?? 0) && (bounds[i] ?? 0) > (bounds[i - 1] ?? 0)),
    );
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === count;
    if (!isRising || !isWhole) throw new Error(`${name}${labels}: its buckets do not add up`);
  }
}
