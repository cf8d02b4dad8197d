/** What a server that goes on finds to tell by its clock alone. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {alertTick} from '../../report/alerts.ts';
import type {Project} from '../../report/project-ledger.ts';
import {ownProcess} from '../../runner/liveness.ts';
import {Served} from '../server/served.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2024-02-01T12:00:00Z');

let served: Served;
let project: Project;
beforeEach(async () => {
  served = new Served();
  project = await served.load();
});
afterEach(() => served.remove());

function passed(id: string, at: number): void {
  served.ledger(ledger => {
    ledger.beginPass({id, trigger: 'schedule', by: undefined, startedAt: at, ...ownProcess()});
    ledger.endPass(id, {endedAt: at, outcome: 'nothing', counts: undefined, error: undefined});
  });
}

const told = async (at: number) =>
  (await alertTick(project, {env: {}, now: () => at, budgetMs: 1000})).message?.title;

test('that nothing heals any more is told, once, though nobody runs a command', async () => {
  passed('p1', NOON);
  const said = [];
  for (const hours of [1, 25, 27, 28, 40]) said.push(await told(NOON + hours * HOUR));
  expect(said).toEqual([undefined, undefined, 'nothing ran', undefined, undefined]);
});

test('a run of long ago is no silence where there were more passes since than are looked at', async () => {
  served.ledger(ledger => {
    const startedAt = NOON - 40 * HOUR;
    ledger.startRun({id: 'r1', pipeline: 'toy', target: 'local', command: 'gameplan materialize', startedAt});
  });
  for (let i = 0; i < 60; i++) passed(`p${i}`, NOON - i * 600_000);
  expect(await told(NOON)).toBeUndefined();
});
