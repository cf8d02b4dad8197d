import {expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {ProjectPath} from '../../planner/pipeline.ts';
import {judgeSources} from '../../planner/query.ts';
import type {QueryFacts} from '../../planner/sources.ts';

const text = `name: toy
assets:
  raw.games: {rows: a.ts, partition_by: all, columns: {n: int64}, key: [n]}
  mart.games: {sql: a.sql, partition_by: all, upstream: {games: raw.games}, columns: {n: int64}, key: [n]}
`;
const {pipeline} = parseManifest({file: {path: 'pipeline.yaml', text}, target: undefined, env: {}});
if (pipeline === undefined) throw new Error('The toy manifest is wrong.');
const toy = pipeline;

const sql = 'a.sql' as ProjectPath; // a path of the toy
const ts = 'a.ts' as ProjectPath; // likewise
const query = 'SELECT safe_divid(n, lenght(n)) AS n FROM games';
const facts: QueryFacts = {
  tables: [{name: 'games', qualified: false, start: 42, end: 47}],
  functions: [
    {name: 'safe_divid', start: 7, end: 17},
    {name: 'lenght', start: 21, end: 27},
  ],
  tableFunctions: [],
  unorderedLimits: [],
  columns: ['n'],
  error: undefined,
};

function printed(rest: {
  errors?: {offset: number; code: string; message: string}[];
  engine?: boolean;
}): string {
  const module = 'import {x} from "./nowhere.ts";\n';
  const errors = (rest.errors ?? []).map(error => ({path: 'a.ts', text: module, ...error}));
  const sources = {
    queries: new Map([[sql, {path: sql, text: query, facts}]]),
    modules: new Map([[ts, {path: ts, text: module, hash: '', errors}]]),
    functions: new Map([['safe_divide', 'a / b']]),
  };
  const engine = rest.engine === true ? {functions: new Set(['length', 'sum'])} : undefined;
  return formatDiagnostics(judgeSources(toy, sources, engine));
}

test('a function that neither the warehouse nor the library has is told, with what was meant', () => {
  expect(printed({engine: true})).toBe(
    `a.sql:1:8 error [unknown-function] There is no function 'safe_divid'. Did you mean 'safe_divide'?
  ${query}
         ~~~~~~~~~~

a.sql:1:22 error [unknown-function] There is no function 'lenght'. Did you mean 'length'?
  ${query}
                       ~~~~~~
`,
  );
});

test('where the functions of the warehouse are not known, none is refused', () => {
  expect(printed({})).toBe('');
});

test('mistakes of a module point into it', () => {
  const errors = [
    {offset: 16, code: 'missing-import', message: "There is no file './nowhere.ts'."},
    {offset: 0, code: 'something-new', message: 'It is strange.'},
  ];
  expect(printed({errors})).toBe(
    `a.ts:1:1 error [bad-module] It is strange.
  import {x} from "./nowhere.ts";
  ~~~~~~

a.ts:1:17 error [missing-import] There is no file './nowhere.ts'.
  import {x} from "./nowhere.ts";
                  ~
`,
  );
});
