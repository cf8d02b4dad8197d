/** What is said where work cannot be handed out. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

test.each([['worker'], ['materialize', '--spread']])(
  '%s: a ledger in a file has no queue',
  async (...args) => {
    const {code, err} = await project.run(...args);
    expect([code, err]).toEqual([
      1,
      "error: Work is handed out through the ledger's database, and the ledger of target 'local' is a file. Give the target a ledger on Postgres; or, on one machine, start several 'gameplan materialize': they share out the work by themselves.\n",
    ]);
  },
);

test('a target that nothing like is declared is told with those there are', async () => {
  const {code, err} = await project.run('worker', '--target', 'elsewhere');
  expect([code, err]).toEqual([
    1,
    expect.stringContaining("[unknown-target] No target is named 'elsewhere'. There is 'local'.\n"),
  ]);
});
