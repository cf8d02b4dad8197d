/** What fetches that end at about the same time write to the ledger, together, and what each of them hears of it. */
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {Joint} from '../../runner/joint.ts';
import type {Ledger, OutcomeBatch} from '../../runner/ledger.ts';
import {Project, tally} from '../kit/project.ts';
import {DATES, FILES, NOW} from '../kit/shared-work.ts';

let project: Project;
afterEach(() => project?.remove());

test('what is asked for within one turn is done at once and in order, and later things later', async () => {
  const done: (readonly string[])[] = [];
  const joint = new Joint<string>(items => done.push(items));
  await Promise.all([joint.ask('a'), Promise.resolve().then(() => joint.ask('b')), joint.ask('c')]);
  await joint.ask('d');
  expect(done).toEqual([['a', 'c', 'b'], ['d']]);
});

test('what takes long is gathered for as long, while several come at once', async () => {
  const done: (readonly string[])[] = [];
  const joint = new Joint<string>(items => {
    done.push(items);
    const until = performance.now() + 10;
    while (performance.now() < until);
  });
  const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
  await Promise.all([joint.ask('a'), joint.ask('b')]);
  const c = joint.ask('c');
  await turn();
  await Promise.all([c, joint.ask('d')]);
  await joint.ask('e');
  // One came alone: the next waits for nobody.
  const f = joint.ask('f');
  await turn();
  await Promise.all([f, joint.ask('g')]);
  expect(done).toEqual([['a', 'b'], ['c', 'd'], ['e'], ['f'], ['g']]);
});

test('what fails has failed for all that asked for it, and for nobody after them', async () => {
  let isBroken = true;
  const joint = new Joint<number>(() => {
    if (isBroken) throw new Error('the disk is full');
  });
  const both = await Promise.allSettled([joint.ask(1), joint.ask(2)]);
  expect(both.map(({status}) => status)).toEqual(['rejected', 'rejected']);
  isBroken = false;
  await joint.ask(3);
});

/** As it is, and how often each of its methods was called. */
function counting(ledger: Ledger, calls: Map<string, number>): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
        return found.apply(target, args);
      };
    },
  });
}

test('fetches that end together are claimed, begun, published and recorded together', async () => {
  project = new Project(FILES, NOW);
  const calls = new Map<string, number>();
  const done = await project.materialize({
    select: 'landing.copies',
    concurrency: {fetches: DATES.length, batches: 1},
    through: workshop => ({...workshop, ledger: counting(workshop.ledger, calls)}),
  });
  expect(tally(done)).toEqual({succeeded: DATES.length});
  expect(calls.get('claim')).toBe(1);
  // They need not come to each step in the same turn.
  for (const step of ['writeIntents', 'whileAlive', 'recordOutcomes'])
    expect(calls.get(step)).toBeLessThan(DATES.length);
});

test('what failed is not recorded under the intents of what is published at the same time', async () => {
  // Half of them fail while the others are held up at their last step.
  const failing = FILES['assets/copy.ts']
    .replace('60', 'Number(key.slice(-1)) % 2 === 0 ? 150 : 0')
    .replace('await put', `if (Number(key.slice(-1)) % 2 === 0) throw new Error('gone');\n  await put`);
  project = new Project({...FILES, 'assets/copy.ts': failing}, NOW);
  const batches: OutcomeBatch[] = [];
  const done = await project.materialize({
    select: 'landing.copies',
    concurrency: {fetches: DATES.length, batches: 1},
    through: workshop => ({...workshop, ledger: holdingUp(workshop.ledger, 400, batches)}),
  });
  expect(tally(done)).toEqual({succeeded: 6, failed: 6});
  for (const {outcomes, intents = []} of batches) expect([0, outcomes.length]).toContain(intents.length);
});

/** `ms`: how long each last step takes. `batches`: filled with what is recorded. */
function holdingUp(ledger: Ledger, ms: number, batches: OutcomeBatch[]): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (name === 'recordOutcomes')
        return (batch: OutcomeBatch) => {
          batches.push(batch);
          return target.recordOutcomes(batch);
        };
      if (name === 'whileAlive')
        return (write: () => void) => {
          target.whileAlive(write);
          const until = performance.now() + ms;
          while (performance.now() < until);
        };
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}

test('an object that cannot be put in its place fails alone', async () => {
  const [, SECOND = ''] = DATES;
  // A folder where the manifest object is to be.
  const spoilt = FILES['assets/copy.ts'].replace(
    '};\n',
    `  if (key === '${SECOND}') spoil(key);\n};\n
import {mkdirSync, readdirSync} from 'node:fs';
function spoil(key: string): void {
  const folder = new URL('../.gameplan/store/copies/' + key + '/', import.meta.url);
  for (const id of readdirSync(folder)) mkdirSync(new URL(id + '/manifest.json/x', folder), {recursive: true});
}\n`,
  );
  project = new Project({...FILES, 'assets/copy.ts': spoilt}, NOW);
  const done = await project.materialize({
    select: 'landing.copies',
    concurrency: {fetches: DATES.length, batches: 1},
  });
  expect(tally(done)).toEqual({succeeded: DATES.length - 1, failed: 1});
  expect(done.outcomes.get(`landing.copies@${SECOND}`)).toBe('failed');
  rmSync(join(project.root, '.gameplan/store/copies', SECOND), {recursive: true});
  expect((await project.plan({select: 'landing.copies'})).states).toMatchObject({
    fresh: DATES.length - 1,
    missing: 1,
  });
});
