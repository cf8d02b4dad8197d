/**
 * Bundles the command line, the public module and the web page into dist/, whole or not at all.
 * DuckDB stays outside (a native module), and so do Google's clients, which only targets on BigQuery or Cloud Storage load;
 * everything else is bundled, because reading 60 files costs more than running them.
 */
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import {COMMAND_SOURCES, root} from './ensure.mjs';
import {copyStill, pageOptions} from './page-options.mjs';

const made = path.join(root, `.dist-${process.pid}`);
const dist = path.join(root, 'dist');
const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** They name a licence and carry no text of it. */
const WITHOUT_TEXT = [
  '@hono/zod-openapi',
  '@hono/zod-validator',
  'pg-types',
  'pgpass',
  'proxy-agent-negotiate',
  'react-remove-scroll-bar',
  'wouter',
];

try {
  const {metafile} = await esbuild.build({
    absWorkingDir: root,
    entryPoints: {
      cli: 'cli/main.ts',
      asset: 'runner/asset.ts',
      'code-worker': 'runner/code-worker.ts',
      'postgres-worker': 'runner/postgres-worker.ts',
    },
    outdir: made,
    bundle: true,
    splitting: true,
    // Beside the entries: the runner finds asset.js and code-worker.js by its own place.
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: ['@duckdb/*', '@google-cloud/*', 'google-auth-library', 'pg-native'],
    // Packages of the older kind call require, which an ES module does not have.
    banner: {
      js: "import {createRequire as makeRequire} from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    legalComments: 'none',
    define: {
      GAMEPLAN_VERSION: JSON.stringify(version),
      GAMEPLAN_BUILD: JSON.stringify(`${version} ${sourceHash()}`),
    },
    metafile: true,
    logLevel: 'warning',
  });
  const web = path.join(made, 'web');
  const page = await esbuild.build(pageOptions(root, web));
  copyStill(root, web);
  const inputs = [metafile, page.metafile].flatMap(each => Object.keys(each.inputs));
  writeFileSync(path.join(made, 'THIRD-PARTY-LICENSES.txt'), licences(inputs));
  replace();
} finally {
  rmSync(made, {recursive: true, force: true});
}

/** What the command keeps of a project is only for the code that made it. */
function sourceHash() {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json')));
  for (const folder of COMMAND_SOURCES) {
    const files = readdirSync(path.join(root, folder), {recursive: true, withFileTypes: true});
    for (const file of files
      .filter(each => each.isFile())
      .map(each => path.join(each.parentPath, each.name))
      .sort())
      hash.update(path.relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Two builds at once both end with a whole dist/: the old one steps aside, the new one takes its place. */
function replace() {
  const old = `${made}-old`;
  mkdirSync(old);
  if (existsSync(dist)) renameSync(dist, path.join(old, 'dist'));
  renameSync(made, dist);
  rmSync(old, {recursive: true, force: true});
}

/** The licence of every package that is bundled, as their terms ask. */
function licences(inputs) {
  const packages = new Set(
    inputs.flatMap(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  const texts = [...packages].sort().map(name => {
    const folder = path.join(root, 'node_modules', name);
    const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const head = `${name} ${about.version} (${about.license})`;
    const file = readdirSync(folder).find(each => /^licen[cs]e(\.(md|txt))?$/i.test(each));
    if (file !== undefined) return `${head}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
    if (!WITHOUT_TEXT.includes(name))
      throw new Error(`${name} has no licence file; add its name to the lists in scripts/build.mjs`);
    const {repository, author} = about;
    const of = [repository?.url ?? repository, author?.name ?? author].filter(each => each !== undefined);
    return `${head}\n\n${of.join(', ')}\n`;
  });
  return texts.join(`\n${'-'.repeat(78)}\n\n`);
}
