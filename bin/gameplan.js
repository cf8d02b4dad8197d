#!/usr/bin/env node
/**
 * The `gameplan` command: starts dist/cli.js here, or in a newer Node where this one is too old.
 * Plain JavaScript for old Nodes. In a clone it also sees to it that dist/ is built from the sources as they stand.
 */
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import module from 'node:module';
import {fileURLToPath} from 'node:url';
import {findNode, isNewEnough, NO_NODE} from './find-node.js';

// The scripts are not in the published package: where they are, this is a clone.
const ensure = new URL('../scripts/ensure.mjs', import.meta.url);
if (existsSync(ensure)) {
  const {ensureReady} = await import(ensure.href);
  ensureReady();
}
if (isNewEnough()) {
  module.enableCompileCache?.();
  await import('../dist/cli.js');
} else {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(`${NO_NODE}\n`);
    process.exit(1);
  }
  again(node);
}

/** Runs this file in another Node as if it were this process: same terminal, signals and exit code. */
function again(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {stdio: 'inherit'});
  // A terminal sends Ctrl-C to both; the child takes two signals within a moment for one.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', error => {
    process.stderr.write(`Cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}
