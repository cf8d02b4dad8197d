/**
 * Times what a pass of healing does within its process, from the read of the ledger to its two records, without the load
 * of the manifest, and prints it as JSON: `node bench/heal-pure.ts ROOT NOW ROUNDS`.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {chooseHealing} from '../planner/healing.ts';
import {makePlan, planFrame} from '../planner/make-plan.ts';
import {parseManifest} from '../planner/manifest.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {withSnapshot, writeLedger} from '../report/project-ledger.ts';
import {addCounts} from '../runner/event.ts';
import {ownProcess} from '../runner/liveness.ts';
import {readProject} from '../runner/project.ts';
import {median} from './filled.ts';

const [root = '', at = '0', rounds = '3'] = process.argv.slice(2);
const now = Number(at);
const read = (path: string) => ({path, text: readFileSync(join(root, path), 'utf8')});
const {pipeline} = parseManifest({
  file: read('pipeline.yaml'),
  target: undefined,
  env: {},
  calendarFile: read,
});
if (pipeline === undefined) throw new Error('The made manifest is not valid.');
const project = {root, pipeline, ...(await readProject({root, pipeline})), warn: () => undefined};
const seconds = Array.from({length: Number(rounds) + 1}, (_, round) => {
  const began = performance.now();
  const id = `bench-${round}`;
  writeLedger(
    project,
    () => now,
    ledger => ledger.beginPass({id, trigger: 'command', by: undefined, startedAt: now, ...ownProcess()}),
  );
  const {only, left} = withSnapshot(project, ledger => {
    const whole = makePlan({...project, ledger, now, request: WHOLE_REQUEST});
    return chooseHealing(whole, request => planFrame(whole.frame, {...project, ledger, now, request}));
  });
  if (only.size + left.length > 0) throw new Error('There is something to heal.');
  const end = {endedAt: now, outcome: 'nothing', counts: addCounts([]), error: undefined} as const;
  writeLedger(
    project,
    () => now,
    ledger => ledger.endPass(id, end),
  );
  return (performance.now() - began) / 1000;
});
const [cold = Number.NaN, ...warm] = seconds;
process.stdout.write(`${JSON.stringify({cold, warm: median(warm)})}\n`);
