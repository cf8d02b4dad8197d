/**
 * Runs every shipped query in DuckDB and in Google's reference evaluator of GoogleSQL over the same rows, and prints what
 * came of it. `npm run evaluate -- [--seeds N]`; it installs the evaluator on first use. Exit code 1 on a difference.
 */
import path from 'node:path';
import {parseArgs} from 'node:util';
import {Evaluator} from '../test/evaluator/evaluator.ts';
import {ensureEvaluator} from '../test/evaluator/install.ts';
import {compareEngines} from '../test/evaluator/report.ts';

const SHOWN = 5;
const {values} = parseArgs({options: {seeds: {type: 'string', default: '6'}}});
const root = path.join(import.meta.dirname, '..');
const print = (line: string) => process.stdout.write(`${line}\n`);

const evaluator = await Evaluator.start(ensureEvaluator(root, print));
let queries = 0;
let different = 0;
try {
  print(`${'query or function'.padEnd(58)}${'cases'.padStart(6)}${'rows'.padStart(8)}  result`);
  for await (const {what, cases, rows, differences} of compareEngines(
    root,
    evaluator,
    Number(values.seeds),
  )) {
    queries++;
    if (differences.length > 0) different++;
    const result = differences.length === 0 ? 'same' : `${differences.length} differences`;
    print(`${what.padEnd(58)}${String(cases).padStart(6)}${String(rows).padStart(8)}  ${result}`);
    for (const line of differences.slice(0, SHOWN)) print(`    ${line}`);
    if (differences.length > SHOWN) print(`    … and ${differences.length - SHOWN} more`);
  }
} finally {
  evaluator.close();
}
print(`${queries} compared, ${different} different`);
process.exitCode = different === 0 ? 0 : 1;
