/**
 * Reads the checks of a list: what must hold on an asset's rows, or on those of one of its sources.
 * It does not deal with running them (runner).
 */
import {isOfType, typeHint, written} from './check-value.ts';
import {judgeColumn} from './manifest-columns.ts';
import {readProjectPath} from './manifest-path.ts';
import {
  at,
  has,
  keyAt,
  namesAt,
  type Path,
  readDuration,
  readPercentage,
  report,
  type Scope,
} from './manifest-scope.ts';
import type {Check, Column, ColumnType, Covers, Edge} from './pipeline.ts';
import type {RawCheck} from './schema.ts';
import {didYouMean} from './suggest.ts';

export interface CheckInput {
  readonly asset: string;
  readonly columns: readonly Column[];
  readonly edges: readonly Edge[];
  readonly covers: Covers | undefined;
}

const PENALTY = 5;

/** The checks of the list at `path` that are right, each under its own name. */
export function readChecks(
  scope: Scope,
  path: Path,
  raw: readonly RawCheck[],
  input: CheckInput,
): readonly Check[] {
  const checks: Check[] = [];
  // The check of the key, which every table has.
  const taken = new Set(['key']);
  for (const [index, rawCheck] of raw.entries()) {
    const check = readCheck(scope, [...path, index], rawCheck, input);
    if (check === undefined) continue;
    let name = rawCheck.name ?? check.name;
    if (taken.has(name) && rawCheck.name !== undefined) {
      report(
        scope,
        'duplicate-name',
        [...path, index, 'name'],
        `Two checks of '${input.asset}' are named '${name}': rename one.`,
      );
    }
    for (let n = 2; taken.has(name); n++) name = `${check.name} ${n}`;
    taken.add(name);
    checks.push({...check, name});
  }
  return checks;
}

const KINDS = [
  'not_null',
  'unique',
  'accepted_values',
  'range',
  'regex',
  'zero_share',
  'freshness',
  'sum_equals',
  'rows',
  'covers',
  'sql',
] as const;

const COMMON = new Set(['severity', 'name', 'penalty']);

/** A check without what all have in common. */
type Kind<K extends Check['kind'] = Check['kind']> = K extends K
  ? Omit<Extract<Check, {kind: K}>, 'severity' | 'penalty' | 'at'>
  : never;

function readCheck(scope: Scope, path: Path, raw: RawCheck, input: CheckInput): Check | undefined {
  const kinds = KINDS.filter(kind => has(scope, [...path, kind]));
  const [kind] = kinds;
  // A kind that is misspelled is told as a key that is not known.
  if (kind === undefined && namesAt(scope, path).some(name => !COMMON.has(name))) return undefined;
  if (kind === undefined || kinds.length > 1) {
    return report(
      scope,
      'bad-check',
      path,
      `A check is exactly one of ${KINDS.join(', ')}${kinds.length > 1 ? `, not ${kinds.join(' and ')} together: make them two` : ''}.`,
    );
  }
  const severity = raw.severity ?? 'error';
  if (raw.penalty !== undefined && severity === 'error') {
    report(
      scope,
      'bad-check',
      keyAt(scope, [...path, 'penalty']),
      `A check that is an error publishes nothing that could lose points: say 'severity: warn', or remove 'penalty'.`,
    );
  }
  const read = readKind(scope, [...path, kind], raw, input);
  if (read === undefined) return undefined;
  const place = read.kind === 'sql' ? at(scope, [...path, kind]) : keyAt(scope, [...path, kind]);
  return {...read, severity, penalty: severity === 'warn' ? (raw.penalty ?? PENALTY) : 0, at: place};
}

/** `path` is that of the kind's own value. */
function readKind(scope: Scope, path: Path, raw: RawCheck, input: CheckInput): Kind | undefined {
  if (raw.not_null !== undefined) {
    const columns = readColumnList(scope, path, raw.not_null, input);
    return {kind: 'not-null', name: `not_null(${columns.join(', ')})`, columns};
  }
  if (raw.unique !== undefined) {
    const columns = readColumnList(scope, path, raw.unique, input);
    return {kind: 'unique', name: `unique(${columns.join(', ')})`, columns};
  }
  if (raw.accepted_values !== undefined) return readAcceptedValues(scope, path, raw.accepted_values, input);
  if (raw.range !== undefined) {
    const {column, min, max} = raw.range;
    judgeRange(scope, path, {column, min, max}, input);
    return {kind: 'range', name: `range(${column})`, column, min, max};
  }
  if (raw.regex !== undefined) {
    const {column, pattern} = raw.regex;
    judgeType(scope, [...path, 'column'], column, {types: ['string'], need: 'a regex needs texts'}, input);
    return {kind: 'regex', name: `regex(${column})`, column, pattern};
  }
  return readWholeKind(scope, path, raw, input);
}

/** The kinds that judge a partition as a whole. */
function readWholeKind(scope: Scope, path: Path, raw: RawCheck, input: CheckInput): Kind | undefined {
  if (raw.zero_share !== undefined) {
    const {column} = raw.zero_share;
    judgeType(scope, [...path, 'column'], column, {types: NUMBERS, need: 'zeros are numbers'}, input);
    const atMost = readPercentage(scope, [...path, 'at_most'], raw.zero_share.at_most);
    return atMost === undefined
      ? undefined
      : {kind: 'zero-share', name: `zero_share(${column})`, column, atMost};
  }
  if (raw.freshness !== undefined) {
    const {column} = raw.freshness;
    const times = {types: ['date', 'timestamp'], need: 'freshness needs dates or timestamps'} as const;
    judgeType(scope, [...path, 'column'], column, times, input);
    const within = readDuration(scope, [...path, 'within'], raw.freshness.within);
    return within === undefined
      ? undefined
      : {kind: 'freshness', name: `freshness(${column})`, column, within};
  }
  if (raw.sum_equals !== undefined) return readSumEquals(scope, path, raw.sum_equals, input);
  if (raw.rows !== undefined) return readRows(scope, path, raw.rows, input);
  if (raw.covers !== undefined) return readCoversCheck(scope, path, raw.covers, input);
  const query = raw.sql === undefined ? undefined : readProjectPath(scope, path, raw.sql);
  if (query === undefined) return undefined;
  const file = query.slice(query.lastIndexOf('/') + 1).replace(/\.sql$/, '');
  return {kind: 'sql', name: `sql(${file})`, query};
}

function readColumnList(
  scope: Scope,
  path: Path,
  columns: readonly string[],
  {asset}: CheckInput,
): readonly string[] {
  for (const [index, column] of columns.entries()) {
    judgeColumn(scope, asset, [...path, index], column);
    if (columns.indexOf(column) < index)
      report(scope, 'duplicate-name', [...path, index], `Column '${column}' stands here twice: remove one.`);
  }
  return columns;
}

const NUMBERS: readonly ColumnType[] = ['int64', 'float64'];

/** Says where `column` is none of the asset's, or of another type than the check needs. */
function judgeType(
  scope: Scope,
  path: Path,
  column: string,
  {types, need}: {readonly types: readonly ColumnType[]; readonly need: string},
  {asset, columns}: CheckInput,
): void {
  judgeColumn(scope, asset, path, column);
  const type = columns.find(({name}) => name === column)?.type;
  if (type === undefined || types.includes(type)) return;
  const kind = /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
  report(scope, 'bad-check', path, `Column '${column}' is ${kind}, and ${need}: use a 'sql' check.`);
}

function judgeRange(
  scope: Scope,
  path: Path,
  {column, min, max}: {column: string; min: number | undefined; max: number | undefined},
  input: CheckInput,
): void {
  judgeType(scope, [...path, 'column'], column, {types: NUMBERS, need: 'a range needs numbers'}, input);
  if (min === undefined && max === undefined)
    report(scope, 'bad-check', path, `A range needs 'min', 'max' or both.`);
  if (min !== undefined && max !== undefined && min > max) {
    report(scope, 'bad-range', [...path, 'max'], `The range is empty: ${max} is less than ${min}.`);
  }
}

function readAcceptedValues(
  scope: Scope,
  path: Path,
  {column, values}: NonNullable<RawCheck['accepted_values']>,
  {asset, columns}: CheckInput,
): Kind<'accepted-values'> {
  judgeColumn(scope, asset, [...path, 'column'], column);
  const type = columns.find(({name}) => name === column)?.type;
  for (const [index, value] of values.entries()) {
    const place = [...path, 'values', index];
    if (type !== undefined && !isOfType(value, type))
      report(
        scope,
        'bad-check',
        place,
        `${written(value)} is no ${type}, which '${column}' is: ${typeHint(type)}.`,
      );
    if (values.indexOf(value) < index)
      report(scope, 'duplicate-name', place, `${written(value)} stands here twice: remove one.`);
  }
  return {kind: 'accepted-values', name: `accepted_values(${column})`, column, values};
}

/** The edge on the same key that a check names; undefined, and said, where there is none. */
function findSameKeyEdge(
  scope: Scope,
  path: Path,
  of: string,
  {what, input: {edges, asset}}: {readonly what: string; readonly input: CheckInput},
): Edge | undefined {
  const edge = edges.find(({name}) => name === of) ?? edges.find(({upstream}) => upstream === of);
  if (edge === undefined) {
    const names = namesAt(scope, ['assets', asset, 'upstream']);
    // An edge that was wrong itself is not said twice.
    if (names.includes(of) || edges.length < names.length) return undefined;
    return report(
      scope,
      'unknown-edge',
      path,
      `'${of}' is no edge of '${asset}'.${didYouMean(of, [...names, ...edges.map(({upstream}) => upstream)])}`,
    );
  }
  const isObjects = [['files'], ['external', 'objects']].some(key =>
    has(scope, ['assets', edge.upstream, ...key]),
  );
  if (isObjects) {
    return report(scope, 'bad-check', path, `'${of}' has objects and no rows: remove the check.`);
  }
  if (edge.window.kind === 'same') return edge;
  return report(
    scope,
    'bad-check',
    path,
    `'${of}' reads other keys than its own, so ${what} cannot be compared key by key: name an edge on the same key.`,
  );
}

function readSumEquals(
  scope: Scope,
  path: Path,
  {column, of, to = column, by = [], tolerance = 0}: NonNullable<RawCheck['sum_equals']>,
  input: CheckInput,
): Kind<'sum-equals'> | undefined {
  judgeType(scope, [...path, 'column'], column, {types: NUMBERS, need: 'a sum needs numbers'}, input);
  readColumnList(scope, [...path, 'by'], by, input);
  const edge = findSameKeyEdge(scope, [...path, 'of'], of, {what: 'sums', input});
  if (edge === undefined) return undefined;
  const known = namesAt(scope, ['assets', edge.upstream, 'columns']);
  if (has(scope, [...path, 'to'])) judgeColumn(scope, edge.upstream, [...path, 'to'], to);
  else if (known.length > 0 && !known.includes(to)) {
    report(
      scope,
      'unknown-column',
      [...path, 'column'],
      `'${edge.upstream}' has no column '${to}' to compare with: name its own with 'to'.${didYouMean(to, known)}`,
    );
  }
  for (const [index, name] of by.entries()) judgeColumn(scope, edge.upstream, [...path, 'by', index], name);
  return {
    kind: 'sum-equals',
    name: `sum_equals(${column}, ${of})`,
    column,
    edge: edge.name,
    to,
    by,
    tolerance,
  };
}

function readRows(
  scope: Scope,
  path: Path,
  {min, max, of, at_least}: NonNullable<RawCheck['rows']>,
  input: CheckInput,
): Kind<'rows'> | undefined {
  if (min === undefined && max === undefined && of === undefined) {
    return report(scope, 'bad-check', path, `A check of rows needs 'min', 'max' or 'of'.`);
  }
  if (min !== undefined && max !== undefined && min > max) {
    report(scope, 'bad-range', [...path, 'max'], `The range is empty: ${max} is less than ${min}.`);
  }
  const share = readPercentage(scope, [...path, 'at_least'], at_least);
  if (of === undefined) {
    if (at_least !== undefined)
      report(
        scope,
        'bad-check',
        [...path, 'at_least'],
        `'at_least' needs 'of': the edge whose rows are compared.`,
      );
    return {kind: 'rows', name: 'rows', min, max, of: undefined};
  }
  const edge = findSameKeyEdge(scope, [...path, 'of'], of, {what: 'rows', input});
  if (edge === undefined) return undefined;
  return {kind: 'rows', name: `rows(${of})`, min, max, of: {edge: edge.name, atLeast: share ?? 1}};
}

function readCoversCheck(
  scope: Scope,
  path: Path,
  {at_least}: NonNullable<RawCheck['covers']>,
  {asset, covers}: CheckInput,
): Kind<'covers'> | undefined {
  const atLeast = readPercentage(scope, [...path, 'at_least'], at_least) ?? 1;
  if (covers !== undefined) return {kind: 'covers', name: 'covers', atLeast};
  // A `covers` that was wrong itself is not said twice.
  if (has(scope, ['assets', asset, 'covers'])) return undefined;
  return report(
    scope,
    'bad-check',
    keyAt(scope, path),
    `Which column holds the games is not known: add 'covers: {column: …}' to '${asset}', or remove the check.`,
  );
}
