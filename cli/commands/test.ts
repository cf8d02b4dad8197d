/**
 * `gameplan test`: the assets' own tests, fixture rows in and expected rows out; with `--batches`, whether partitions
 * made together come out as they do alone, on the target's data. Publishes nothing.
 */
import {number} from '../../planner/amount.ts';
import {jsonText} from '../../report/frame-view.ts';
import {visible} from '../../report/text.ts';
import {type TestResult, testBatches, testFixtures, testName} from '../asset-tests.ts';
import {type Command, EVERY_ASSET} from '../command.ts';
import {jsonFlag, junitFlag, projectFlags, rangeFlags, waitFlag} from '../flags.ts';
import {junitXml} from '../junit.ts';
import {writeOut} from '../out-file.ts';
import {openProject} from '../project.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

export const testCommand: Command = {
  name: 'test',
  summary: "the assets' own tests: fixture rows in, expected rows out",
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    waitFlag,
    ...rangeFlags,
    {
      flags: '--batches',
      description: 'compare partitions made together with partitions made alone, on the data at hand',
    },
    junitFlag,
    jsonFlag,
  ],
  examples: [
    'gameplan test',
    'gameplan test analytics.player_game_summary',
    'gameplan test --batches --target recorded',
    'gameplan test --junit reports/gameplan.xml',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const startedAt = world.now();
    const results: TestResult[] = [];
    const {paint} = screenOf(world);
    const tell = (result: TestResult) => {
      results.push(result);
      if (options.json === true) return;
      const passed = result.differences.length === 0;
      world.write(
        `${passed ? paint.good('passed') : paint.bad('failed')} ${testName(result)} ${paint.quiet(`(${result.detail})`)}\n`,
      );
      for (const line of result.differences) world.write(`      ${visible(line)}\n`);
    };
    await (options.batches === true
      ? testBatches(invocation, project, tell)
      : testFixtures(invocation, project, tell));
    if (options.junit !== undefined)
      writeOut(world, {flag: '--junit', file: options.junit, text: junitXml({project, results, startedAt})});
    const failed = results.filter(({differences}) => differences.length > 0).length;
    if (options.json === true)
      world.write(
        jsonText({version: 1, passed: results.length - failed, failed, tests: results.map(resultJson)}),
      );
    else if (results.length === 0)
      world.write(`No test: write ${NO_TESTS[options.batches === true ? 'batches' : 'fixtures']}\n`);
    else world.write(`\n${number(results.length - failed)} passed, ${number(failed)} failed\n`);
    return failed === 0 ? EXIT.done : EXIT.wrong;
  },
};

const NO_TESTS = {
  fixtures: "the cases of 'assets/x.sql' into 'assets/x.test.yaml'.",
  batches:
    "'batch:' for an asset, and materialize it: only what is made together and published can be compared.",
} as const;

/** Additive changes only. */
function resultJson(result: TestResult): object {
  const {asset, file, durationMs, detail, differences} = result;
  return {name: testName(result), detail, differences, asset, file, durationMs};
}
