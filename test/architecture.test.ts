import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';

const root = path.dirname(import.meta.dirname);

/** Folder to the folders and packages that its files may import. `node:` stands for every built-in module. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  planner: ['planner', 'croner', 'graphology', 'node:crypto', 'yaml', 'zod'],
  runner: [
    'runner',
    'planner',
    '@duckdb/node-api',
    '@google-cloud/bigquery',
    '@google-cloud/storage',
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace',
    'acorn',
    'google-auth-library',
    'https-proxy-agent',
    'node:',
    'nodemailer',
    'p-queue',
    'pg',
    'pg-boss',
    'yaml',
    'zod',
  ],
  report: ['report', 'runner', 'planner', 'node:'],
  server: [
    'server',
    'report',
    'runner',
    'planner',
    '@hono/node-server',
    '@hono/zod-openapi',
    '@modelcontextprotocol/sdk',
    'hono',
    'node:',
    'vscode-languageserver-protocol',
    'zod',
  ],
  web: [
    'web',
    'server',
    'planner',
    '@dagrejs/dagre',
    '@mantine/core',
    '@mantine/hooks',
    '@mantine/notifications',
    '@tabler/icons-react',
    '@tanstack/react-query',
    '@tanstack/react-virtual',
    'react',
    'react-dom',
    'wouter',
  ],
  cli: ['cli', 'server', 'report', 'runner', 'planner', 'commander', 'node:', 'picocolors'],
  assets: ['assets', 'gameplan', 'unpdf'],
  demo: ['demo', '@duckdb/node-api', 'node:'],
};

/** What decides must not look at the world. */
const WORLD =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\b[.[]|\bfetch\(|\bset(?:Timeout|Interval)\(/;

describe('imports run one way', () => {
  for (const [layer, allowed] of Object.entries(MAY_IMPORT)) {
    test(`${layer}/ imports only ${allowed.join(', ')}`, () => {
      const wrong = filesIn(layer).flatMap(file =>
        importsOf(codeOf(file))
          .filter(specifier => !allowed.includes(ownerOf(file, specifier)) && !isBuiltin(specifier, allowed))
          .map(specifier => `${file} imports ${specifier}`),
      );
      expect(wrong).toEqual([]);
    });
  }

  test('graphology stays inside planner/graph.ts', () => {
    const users = allFiles().filter(file =>
      importsOf(codeOf(file)).some(each => each.startsWith('graphology')),
    );
    expect(users.filter(file => file !== 'planner/graph.ts')).toEqual([]);
  });
});

test('the planner reads no clock, chance, process or network', () => {
  expect(filesIn('planner').filter(file => WORLD.test(codeOf(file)))).toEqual([]);
});

test('only the command line, the demo and the benchmarks print', () => {
  const quiet = ['planner', 'runner', 'report', 'server', 'web', 'assets'].flatMap(filesIn);
  expect(quiet.filter(file => /\bconsole\.|\bprocess\.std(?:out|err)\b/.test(codeOf(file)))).toEqual([]);
});

test('nothing is exported by default', () => {
  expect(allFiles().filter(file => /\bexport default\b|\bas default\b/.test(codeOf(file)))).toEqual([]);
});

test('the reader of imports sees every way of writing one', () => {
  const text = `
    import './side-effect.ts';
    import {a} from './named.ts';
    import type {B} from "./types.ts";
    export * from './all.ts';
    const c = await import('./dynamic.ts');
    type D = import('./in-a-type.ts').D;
    import {
      e,
    } from './lines.ts';
    // import './comment.ts';
    /* import {f} from './comment.ts'; */
  `;
  expect(importsOf(withoutComments(text)).toSorted()).toEqual(
    ['all', 'dynamic', 'in-a-type', 'lines', 'named', 'side-effect', 'types'].map(name => `./${name}.ts`),
  );
});

function allFiles(): string[] {
  return Object.keys(MAY_IMPORT).flatMap(filesIn);
}

function filesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), {recursive: true, encoding: 'utf8'})
    .filter(file => /\.tsx?$/.test(file))
    .map(file => `${folder}/${file.replaceAll(path.sep, '/')}`);
}

function codeOf(file: string): string {
  return withoutComments(readFileSync(path.join(root, file), 'utf8'));
}

/** A string that holds `//`, such as a URL, is cut as well; no import stands behind one on its line. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

/** Statements with `from`, and `import` with its text right behind it, called or not. */
function importsOf(code: string): string[] {
  const statements = code.matchAll(/^\s*(?:import|export)\s[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/gm);
  const bare = code.matchAll(/(?:\bimport\s*\(?|\brequire\()\s*(['"`])([^'"`\n]+)\1/g);
  return [...statements, ...bare].map(([, , specifier]) => specifier ?? '');
}

/** The top folder of a relative import; the name of a package. */
function ownerOf(file: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return path.posix.join(path.posix.dirname(file), specifier).split('/')[0] ?? '';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isBuiltin(specifier: string, allowed: readonly string[]): boolean {
  return specifier.startsWith('node:') && allowed.includes('node:');
}
