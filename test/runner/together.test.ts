/**
 * Several runs at once on one project, each in a process of its own: shared out, none twice, none lost. Of the places
 * where a run may fall asleep `npm test` tries some, `npm test -- --slow` all, and `npm run race` any.
 */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import type {Ledger} from '../../runner/ledger.ts';
import {PULSE} from '../../runner/liveness.ts';
import type {OtherResult, OtherRun, StopPoint} from '../kit/other-run.ts';
import {Project, tally} from '../kit/project.ts';
import {ASSETS, contentsOf, DATES, FILES, NOW, WHOLE} from '../kit/shared-work.ts';

const isSlow = process.env['GAMEPLAN_SLOW'] === '1';

let project: Project;
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  project.remove();
});

const OTHER_RUN = join(import.meta.dirname, '..', 'kit', 'other-run.ts');

interface Other {
  readonly pid: number;
  readonly result: Promise<OtherResult>;
}

function start(about: Partial<OtherRun> = {}): Other {
  const asked: OtherRun = {root: project.root, now: NOW, waitMs: 20_000, pulse: PULSE, ...about};
  const child = spawn(process.execPath, [OTHER_RUN, JSON.stringify(asked)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    out += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    err += text;
  });
  const result = new Promise<OtherResult>((resolve, reject) => {
    child.on('close', () =>
      out === '' ? reject(new Error(`It ended without a word. ${err}`)) : resolve(JSON.parse(out)),
    );
  });
  // Of those that are killed nobody asks.
  result.catch(() => undefined);
  return {pid: child.pid ?? 0, result};
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('It did not happen within 20 s.');
    await pause(20);
  }
}

function calls(): readonly string[] {
  return readFileSync(join(project.root, 'calls.log'), 'utf8').trim().split('\n');
}

const succeeded = ({outcomes}: OtherResult): readonly string[] =>
  Object.keys(outcomes).filter(ref => outcomes[ref] === 'succeeded');

/** Does something before a method is called for the first time. */
function beforeFirst(ledger: Ledger, method: keyof Ledger, act: () => void): Ledger {
  let isFirst = true;
  return new Proxy(ledger, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) => {
        if (name === method && isFirst) {
          isFirst = false;
          act();
        }
        return found.apply(target, args);
      };
    },
  });
}

async function expectWhole(): Promise<void> {
  project.waitMs = 5_000;
  expect(await contentsOf(project)).toEqual(WHOLE);
  const again = await project.materialize();
  expect(again.counts.requested).toBe(0);
}

const ALL = Object.keys(ASSETS).flatMap(asset => DATES.map(date => `${asset}@${date}`));

describe('two runs at once', () => {
  test('share out what is to be made: none twice, none lost', async () => {
    project = new Project(FILES, NOW);
    const results = await Promise.all([start(), start()].map(({result}) => result));
    expect(results.map(({error}) => error)).toEqual([undefined, undefined]);
    const made = results.flatMap(succeeded);
    expect(made.toSorted()).toEqual(ALL.toSorted());
    expect(calls().toSorted()).toEqual([...new Set(calls())].toSorted());
    const others = results
      .flatMap(({outcomes}) => Object.values(outcomes))
      .filter(each => each !== 'succeeded');
    expect(others.filter(each => each !== 'not-needed')).toEqual([]);
    await expectWhole();
  });

  test('what the other made just before it is claimed is not made again', async () => {
    project = new Project(FILES, NOW);
    const [first = ''] = DATES;
    const outcomes = new Map<string, string>();
    const makeElsewhere = (): void => {
      const where = {root: project.root, now: NOW, waitMs: 0, pulse: PULSE};
      const asked: OtherRun = {...where, select: 'landing.copies', keys: [first]};
      const {stdout} = spawnSync(process.execPath, [OTHER_RUN, JSON.stringify(asked)], {encoding: 'utf8'});
      expect(succeeded(JSON.parse(stdout))).toEqual([`landing.copies@${first}`]);
    };
    await project.materialize({
      select: 'landing.copies',
      through: workshop => ({...workshop, ledger: beforeFirst(workshop.ledger, 'claim', makeElsewhere)}),
      onEvent: event => {
        if (event.kind === 'partition-ended') outcomes.set(event.key, event.outcome);
      },
    });
    const all = DATES.map(date => [date, date === first ? 'not-needed' : 'succeeded']);
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(all));
    expect(calls()).toHaveLength(DATES.length);
  });

  test('three share it out as well', async () => {
    project = new Project(FILES, NOW);
    const results = await Promise.all([start(), start(), start()].map(({result}) => result));
    expect(results.flatMap(succeeded).toSorted()).toEqual(ALL.toSorted());
    await expectWhole();
  });

  test('a plan beside them says what is held, and by whom', async () => {
    project = new Project({...FILES, 'assets/given.ts': FILES['assets/given.ts'].replace('30', '800')}, NOW);
    const other = start({select: 'raw.given'});
    const file = join(project.root, 'calls.log');
    await until(() => existsSync(file));
    const plan = await project.plan({select: 'raw.given'}, {asOthersSee: true});
    const held = plan.partitions.filter(({action}) => action === 'skip');
    expect(held.map(({key}) => key)).toEqual(DATES.slice(0, 4));
    expect(held[0]?.reasons.at(-1)).toMatchObject({kind: 'leased'});
    expect(JSON.stringify(held[0]?.reasons)).toContain(`process ${other.pid}`);
    await other.result;
  });
});

describe('the warehouse that another process holds', () => {
  const SLOW = {...FILES, 'assets/given.ts': FILES['assets/given.ts'].replace('30', '3000')};

  test('is waited for so long, and its holder is named', async () => {
    project = new Project(SLOW, NOW);
    const first = start({select: 'raw.given'});
    await until(() => existsSync(join(project.root, 'calls.log')));
    const {error} = await start({select: 'raw.given', waitMs: 300}).result;
    expect(error).toContain(`is held by process ${first.pid}`);
  });

  test('keeps nobody from fetching; what needs it is skipped, with the holder', async () => {
    project = new Project(SLOW, NOW);
    const first = start({select: 'raw.given'});
    await until(() => existsSync(join(project.root, 'calls.log')));
    const {outcomes, reasons} = await start({select: 'landing.copies raw.copies', waitMs: 300}).result;
    expect(DATES.map(date => outcomes[`landing.copies@${date}`])).toEqual(DATES.map(() => 'succeeded'));
    expect(DATES.map(date => outcomes[`raw.copies@${date}`])).toEqual(DATES.map(() => 'skipped'));
    expect(reasons[`raw.copies@${DATES[0]}`]).toEqual([expect.stringContaining(`process ${first.pid}`)]);
  });
});

/** A short life, so that a test need not wait a minute. */
const SHORT = {deadMs: 600, beatMs: 100};

function isStopped(pid: number): boolean {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
}

describe('a run that dies or sleeps', () => {
  test('is followed at once where its process is gone, wherever it was', async () => {
    project = new Project(FILES, NOW);
    const first = start();
    await until(() => existsSync(join(project.root, 'calls.log')));
    process.kill(first.pid, 'SIGKILL');
    const before = performance.now();
    const {error, outcomes} = await start().result;
    expect(error).toBeUndefined();
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['succeeded']));
    expect(performance.now() - before).toBeLessThan(10_000);
    await expectWhole();
  });

  const points: readonly (readonly [StopPoint, string])[] = [
    ['before-intent', 'landing.copies'],
    ['after-intent', 'landing.copies'],
    ['at-fetch', 'landing.copies'],
  ];
  test.each(points.filter((_, i) => isSlow || i === 1))(
    '%s on %s: another takes over, and it publishes nothing when it wakes',
    async (point, asset) => {
      project = new Project(FILES, NOW);
      const first = start({select: 'landing.copies', pulse: SHORT, stopAt: {point, asset}});
      await until(() => existsSync(join(project.root, `stopped-${first.pid}`)) && isStopped(first.pid));
      const second = await start({pulse: SHORT}).result;
      expect(second.error).toBeUndefined();
      expect(Object.values(second.outcomes)).not.toContain('skipped');
      const generations = await generationsOf();
      process.kill(first.pid, 'SIGCONT');
      const woken = await first.result;
      expect(woken.error).toContain('was taken for dead');
      expect(await generationsOf()).toEqual(generations);
      await expectWhole();
    },
  );

  test.each(isSlow ? (['before-intent', 'before-publish'] as const) : (['before-publish'] as const))(
    '%s with the warehouse open, nobody can take over, and it ends well when it wakes',
    async point => {
      project = new Project(FILES, NOW);
      const first = start({select: 'raw.given', pulse: SHORT, stopAt: {point, asset: 'raw.given'}});
      await until(() => existsSync(join(project.root, `stopped-${first.pid}`)) && isStopped(first.pid));
      const {error} = await start({select: 'raw.given', pulse: SHORT, waitMs: 1_500}).result;
      expect(error).toContain(`is held by process ${first.pid}`);
      process.kill(first.pid, 'SIGCONT');
      const woken = await first.result;
      expect([woken.error, new Set(Object.values(woken.outcomes))]).toEqual([
        undefined,
        new Set(['succeeded']),
      ]);
      expect(tally(await project.materialize())).toEqual({succeeded: ALL.length - DATES.length});
      await expectWhole();
    },
  );

  test.each(['after-intent'] as const)(
    '%s on an export, it does not overwrite what another has exported since',
    async point => {
      project = new Project(FILES, NOW);
      await project.materialize();
      project.write('assets/export.sql', 'SELECT game_date, points + 1 AS points FROM sum');
      const first = start({pulse: SHORT, stopAt: {point, asset: 'exports.sum'}});
      await until(() => existsSync(join(project.root, `stopped-${first.pid}`)) && isStopped(first.pid));
      // It holds the warehouse, so that nobody can make what it was about to make.
      const {error} = await start({pulse: SHORT, waitMs: 1_500}).result;
      expect(error).toContain(`is held by process ${first.pid}`);
      process.kill(first.pid, 'SIGCONT');
      await first.result;
      project.write('assets/export.sql', FILES['assets/export.sql']);
      await project.materialize();
      await expectWhole();
    },
  );
});

/** The newest generation of each date. */
async function generationsOf(): Promise<readonly (string | undefined)[]> {
  const target = await project.open();
  const found = await Promise.all(DATES.map(date => target.store().findGeneration(`copies/${date}/`)));
  await target.close();
  return found.map(generation => generation?.id);
}
