/**
 * Holds the manifest's values against the schema and says every wrong shape with its place.
 * What is wrong is taken out, so that the rest can still be read and all mistakes are found at once.
 */
import type {z} from 'zod';
import {type DiagnosticCode, diagnose} from './diagnostic.ts';
import {at, findNode, keyAt, type Path, report, rootSpan, type Scope} from './manifest-scope.ts';
import {didYouMean} from './suggest.ts';
import type {Plain} from './tree.ts';

type Issue = z.core.$ZodIssue;

/** Containers can fall out of containers: asset, assets, manifest. */
const MOST_ROUNDS = 6;

/**
 * The value as far as its shape is right; undefined where not even the outermost is. Wrong parts are taken out of it.
 * `fallbacks` stand in for outermost keys that are absent or wrong, once that is said.
 */
export function readShape<Value>(
  scope: Scope,
  value: Plain,
  schema: z.ZodType<Value>,
  fallbacks: Readonly<Record<string, Plain>> = {},
): Value | undefined {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const parsed = schema.safeParse(value, {jitless: true});
    if (parsed.success) return parsed.data;
    const placed = parsed.error.issues.flatMap(issue => flatten(issue, []));
    // Later rounds only find what the taking out of wrong values left behind.
    if (round === 0) describeAll(scope, value, placed);
    for (const {issue, path} of placed) {
      for (const target of pruned(scope, value, issue, path)) {
        const [key] = path;
        const isOutermost = target.length === 0 && path.length === 1 && key !== undefined;
        const fallback = isOutermost && Object.hasOwn(fallbacks, key) ? fallbacks[key] : undefined;
        if (target.length > 0) remove(value, target);
        else if (fallback === undefined) return undefined;
        else if (typeof value === 'object' && value !== null && !Array.isArray(value))
          value[String(key)] = fallback;
      }
    }
  }
  return undefined;
}

/** One sentence a place: a list that must be a text is not also too short. */
function describeAll(scope: Scope, value: Plain, placed: readonly Placed[]): void {
  const told = new Set<string>();
  for (const {issue, path} of placed) {
    const key = JSON.stringify(path);
    if (issue.code !== 'unrecognized_keys' && told.has(key)) continue;
    told.add(key);
    describe(scope, value, issue, path);
  }
}

interface Placed {
  readonly issue: Issue;
  readonly path: Path;
}

/** A union's mistakes are those of the one alternative that has the right kind of value, where there is one. */
function flatten(issue: Issue, base: Path): readonly Placed[] {
  const path = [...base, ...issue.path.map(step => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code !== 'invalid_union') return [{issue, path}];
  const near = issue.errors.filter(errors => !errors.some(isWrongKind));
  const [only] = near;
  return only !== undefined && near.length === 1
    ? only.flatMap(inner => flatten(inner, path))
    : [{issue, path}];
}

function isWrongKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function describe(scope: Scope, root: Plain, issue: Issue, path: Path): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) unknownKey(scope, [...path, key], issue.message.split(' '));
    return;
  }
  const name = path.at(-1);
  if (path.length > 0 && findNode(scope, path) === undefined) {
    const owner = path.slice(0, -1);
    const place = owner.length === 0 ? rootSpan(scope) : keyAt(scope, owner);
    const where = owner.length === 0 ? outermost(scope) : subjectOf(owner);
    report(scope, 'missing-key', place, `${where} needs the key '${name}': add it.`);
    return;
  }
  const secret = secretComplaint(path);
  if (secret !== undefined) {
    const hides = findNode(scope, path)?.span ?? at(scope, path);
    scope.diagnostics.push({...diagnose('wrong-type', keyAt(scope, path), secret), hides});
    return;
  }
  const value = valueAt(root, path);
  const [code, message] = complaint(issue, value);
  const subject =
    path.length === 0 ? 'The file' : typeof name === 'number' ? `Item ${name + 1}` : `'${name}'`;
  report(scope, code, at(scope, path), `${subject} ${message}`);
}

/** Of a value that may be a secret: neither the sentence nor the line shows it. */
function secretComplaint(path: Path): string | undefined {
  const name = path.at(-1);
  if (path.includes('headers')) return `Header '${name}' must be a text.`;
  return name === 'service_account' ? "'service_account' must be the path of a key file." : undefined;
}

/** The file, or one item of its list. */
function outermost({root}: Scope): string {
  return root.span.start === 0 ? 'The file' : 'This item';
}

function subjectOf(path: Path): string {
  const name = path.at(-1);
  return typeof name === 'number' ? `Item ${name + 1}` : `'${name}'`;
}

function unknownKey(scope: Scope, path: Path, known: readonly string[]): void {
  const key = String(path.at(-1));
  const guess = didYouMean(key, known);
  const hint = guess === '' && known.length <= 8 ? ` The keys here are ${known.join(', ')}.` : guess;
  report(scope, 'unknown-key', keyAt(scope, path), `Unknown key '${key}'.${hint || ' Remove it.'}`);
}

function complaint(issue: Issue, value: Plain | undefined): readonly [DiagnosticCode, string] {
  switch (issue.code) {
    case 'invalid_type':
      return [
        'wrong-type',
        `must be ${kindName(issue.expected)}, not ${shown(value)}${mend(issue.expected, value)}.`,
      ];
    case 'invalid_value':
      return notOneOf(issue.values, value);
    case 'invalid_union':
      // The key that says which of several shapes it is, such as an engine.
      if ('options' in issue && issue.options !== undefined) return notOneOf(issue.options, value);
      return [
        'wrong-type',
        `must be ${oneOf(unionKinds(issue))}, not ${shown(value)}.${unionGuess(issue, value)}`,
      ];
    case 'too_small':
      return ['bad-value', tooSmall(issue.origin, Number(issue.minimum))];
    case 'too_big':
      return ['bad-value', `must be at most ${issue.maximum}.`];
    default:
      return ['bad-value', `is not right: ${issue.message}.`];
  }
}

function notOneOf(
  values: readonly z.core.util.Primitive[],
  value: Plain | undefined,
): readonly [DiagnosticCode, string] {
  const known = values.map(String);
  const guess = typeof value === 'string' ? didYouMean(value, known) : '';
  return ['bad-value', `must be ${oneOf(known.map(item => `'${item}'`))}, not ${shown(value)}.${guess}`];
}

function mend(expected: string, value: Plain | undefined): string {
  return expected === 'string' && typeof value === 'number' ? ': write it with its unit, or in quotes' : '';
}

function tooSmall(origin: string, least: number): string {
  return origin === 'string' || origin === 'array' ? 'must not be empty.' : `must be at least ${least}.`;
}

function unionKinds(issue: z.core.$ZodIssueInvalidUnion): readonly string[] {
  return issue.errors.flatMap(([first]) => {
    switch (first?.code) {
      case 'invalid_type':
        return [kindName(first.expected)];
      case 'invalid_value':
        return first.values.map(item => `'${String(item)}'`);
      case 'too_small':
        return [`at least ${first.minimum}`];
      default:
        return [];
    }
  });
}

function unionGuess(issue: z.core.$ZodIssueInvalidUnion, value: Plain | undefined): string {
  if (typeof value !== 'string') return '';
  const values = issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_value' ? first.values.map(String) : [],
  );
  return didYouMean(value, values);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function kindName(expected: string): string {
  return KINDS[expected] ?? expected;
}

function shown(value: Plain | undefined): string {
  if (value === undefined || value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
}

function oneOf(options: readonly string[]): string {
  const all = [...new Set(options)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function valueAt(root: Plain, path: Path): Plain | undefined {
  let value: Plain | undefined = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return value;
}

/** What to take out for an issue: the unknown keys, what lacks a key, or the value itself. Whole lists: indexes are places. */
function pruned(scope: Scope, value: Plain, issue: Issue, path: Path): readonly Path[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => wholeList([...path, key]));
  const missing =
    path.length > 0 && (findNode(scope, path) === undefined || valueAt(value, path) === undefined);
  return [wholeList(missing ? path.slice(0, -1) : path)];
}

function wholeList(path: Path): Path {
  return typeof path.at(-1) === 'number' ? wholeList(path.slice(0, -1)) : path;
}

function remove(root: Plain, path: Path): void {
  const owner = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof owner === 'object' && owner !== null && !Array.isArray(owner) && key !== undefined)
    delete owner[key];
}
