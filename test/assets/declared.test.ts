import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {parseManifest} from '../../planner/manifest.ts';
import type {Asset, Column} from '../../planner/pipeline.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

const assets = shipped();
const tables = [...assets.values()].filter(({columns}) => columns.length > 0);

/** Numbers without a unit: what is counted, a place in an order, a flag, a score. */
const BARE = [
  /_(made|attempted|attempts|makes)(_allowed)?$/,
  /^((offensive|defensive)_)?rebounds(_allowed)?$/,
  /^(assists|steals|blocks|turnovers|fouls)(_allowed|_forced)?$/,
  /^(overtime_periods|books|row_count|parts_known|predictions|voids|(high_confidence_)?recommendations|wins|losses)$/,
  /^(order_number|action_number|period|place|conference_rank|game_number)$/,
  /^(back_to_back|home|playoffs)$/,
  /^(confidence|fatigue_score|points_z_5|(pace|usage|composite)_adjustment)$/,
];

function shipped(): ReadonlyMap<string, Asset> {
  const find = (path: string) => (existsSync(join(root, path)) ? {path, text: text(path)} : undefined);
  const file = {path: 'pipeline.yaml', text: text('pipeline.yaml')};
  const {pipeline} = parseManifest({file, target: 'recorded', env: {}, knownGaps: find, calendarFile: find});
  if (pipeline === undefined) throw new Error('The shipped manifest does not parse.');
  return pipeline.assets;
}

/** Its columns that measure or count; ids and places among ids are names. */
function numbersOf({columns}: Asset): readonly Column[] {
  return columns.filter(({name, type}) => (type === 'int64' || type === 'float64') && !/(^|_)id$/.test(name));
}

function boundsOf({checks}: Asset): ReadonlySet<string> {
  return new Set(checks.flatMap(check => (check.kind === 'range' ? [check.column] : [])));
}

/** Everything that an asset reads, directly or not. */
function allUpstream(asset: Asset, found = new Set<Asset>()): ReadonlySet<Asset> {
  for (const {upstream} of asset.upstream) {
    const read = assets.get(upstream);
    if (read === undefined || found.has(read)) continue;
    found.add(read);
    allUpstream(read, found);
  }
  return found;
}

/** What says how much of a table must be there, of itself or of what it reads. */
function saysHowMuch({covers, gate, cascade, checks, upstream}: Asset): boolean {
  return (
    covers !== undefined ||
    gate !== undefined ||
    cascade !== undefined ||
    checks.some(({kind}) => kind === 'rows') ||
    upstream.some(({atLeast}) => atLeast !== undefined)
  );
}

describe('every shipped asset', () => {
  test('has a sentence, a group, an owner and tags', () => {
    const bare = [...assets.values()].filter(
      ({description, group, owner, tags}) =>
        !/[.]$/.test(description?.trim() ?? '') || !group || !owner || tags.length === 0,
    );
    expect(bare.map(({name}) => name)).toEqual([]);
  });

  test('has a key and checks where it is a table', () => {
    expect(tables.filter(({key, checks}) => key.length === 0 || checks.length === 0)).toEqual([]);
  });

  test('has a unit on every number that is no count, place, flag or score', () => {
    const bare = tables.flatMap(asset =>
      numbersOf(asset)
        .filter(({name, unit}) => unit === undefined && !BARE.some(pattern => pattern.test(name)))
        .map(({name}) => `${asset.name}.${name}`),
    );
    expect(bare).toEqual([]);
  });

  test('holds every number to its bounds: all that is raw, the rest where it first appears', () => {
    const free = tables.flatMap(asset => {
      const taken = asset.group === 'raw' ? [] : [...allUpstream(asset)].flatMap(read => [...boundsOf(read)]);
      const bounds = new Set([...boundsOf(asset), ...taken]);
      return numbersOf(asset).flatMap(({name}) => (bounds.has(name) ? [] : [`${asset.name}.${name}`]));
    });
    expect(free).toEqual([]);
  });

  test('says how much of it or of its inputs must be there', () => {
    // It reports on what there is, and asks for nothing.
    const open = tables.filter(asset => !saysHowMuch(asset)).map(({name}) => name);
    expect(open).toEqual(['analytics.unmatched_players']);
  });

  test('has fixture rows beside its query, with their arithmetic in a comment', () => {
    const bare = [...assets.values()].flatMap(({making}) => {
      if (!('query' in making)) return [];
      const path = making.query.replace(/\.sql$/, '.test.yaml');
      return existsSync(join(root, path)) && /^ *# .*\w/m.test(text(path)) ? [] : [path];
    });
    expect(bare).toEqual([]);
  });

  test('has its module, and the queries of its sources, under test', () => {
    const tests = readdirSync(join(root, 'test/assets')).filter(name => name.endsWith('.test.ts'));
    const all = tests.map(name => text(`test/assets/${name}`)).join('\n');
    const modules = [...assets.values()].flatMap(({making}) => ('module' in making ? [making.module] : []));
    const queries = [...assets.values()].flatMap(({cascade}) =>
      (cascade?.sources ?? []).flatMap(({query}) => query ?? []),
    );
    expect(modules.filter(path => !all.includes(`from '../../${path}'`))).toEqual([]);
    expect(queries.filter(path => !all.includes(`'${path}'`))).toEqual([]);
  });

  test('says where its formulas come from where it has some', () => {
    const formulas = text('docs/formulas.md');
    const silent = [...assets.values()].flatMap(({name, group, making}) => {
      if (!('query' in making) || !['analytics', 'precompute', 'predictions'].includes(group ?? ''))
        return [];
      const told = formulas.includes(`\`${name.replace(/^\w+[.]/, '')}\``);
      return told && text(making.query).includes('docs/formulas.md') ? [] : [name];
    });
    // A report: it counts and likens, and computes nothing.
    expect(silent).toEqual(['analytics.unmatched_players']);
  });

  test('cites nothing that a reader of the repository has not', () => {
    const files = [...assets.values()].flatMap(({making}) =>
      'query' in making ? [making.query] : 'module' in making ? [making.module] : [],
    );
    expect(['pipeline.yaml', ...files].filter(path => /design\/|\bshared\//.test(text(path)))).toEqual([]);
  });
});
