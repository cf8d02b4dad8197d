/**
 * Times the pure plan of a made project, with its read of the ledger and without the load of its manifest, and prints
 * it as JSON: `node bench/plan-pure.ts ROOT NOW ROUNDS`. A process of its own, so that its peak memory is its own.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {makePlan} from '../planner/make-plan.ts';
import {parseManifest} from '../planner/manifest.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {readLedger} from '../runner/ledger-open.ts';
import {ledgerPlace} from '../runner/ledger-place.ts';
import {sourcesOf} from './made-project.ts';

const [root = '', now = '0', rounds = '3'] = process.argv.slice(2);
const read = (path: string) => ({path, text: readFileSync(join(root, path), 'utf8')});
const {pipeline} = parseManifest({
  file: read('pipeline.yaml'),
  target: undefined,
  env: {},
  calendarFile: read,
});
if (pipeline === undefined) throw new Error('The made manifest is not valid.');
const sources = sourcesOf(pipeline, path => read(path).text);
const seconds: number[] = [];
let counts = {};
for (let round = 0; round < Number(rounds); round++) {
  const startedAt = performance.now();
  counts = readLedger(ledgerPlace({root, pipeline}), ledger => {
    const {plan} = makePlan({pipeline, sources, ledger, now: Number(now), request: WHOLE_REQUEST});
    return {
      ...plan.actions,
      fresh: plan.states.fresh,
      stale: plan.states.stale,
      missing: plan.states.missing,
    };
  });
  seconds.push((performance.now() - startedAt) / 1000);
}
process.stdout.write(`${JSON.stringify({seconds, counts})}\n`);
