/**
 * `gameplan alerts`: what is open and was told, and what is still to be delivered; `test` sends a sample to each receiver;
 * `send` looks, tells and delivers, for a machine on which nothing is served.
 */

import {sampleMessage} from '../../planner/alert-message.ts';
import {classify} from '../../planner/classify.ts';
import {jsonText, timezoneOf} from '../../report/frame-view.ts';
import {withSnapshot} from '../../report/project-ledger.ts';
import type {Command, Invocation} from '../command.ts';
import {jsonFlag, oneOf, projectFlags, whole} from '../flags.ts';
import {alertsJson, printAlerts, printPassed, printTests, type TestView} from '../print-alerts.ts';
import {openDeclared, openProject} from '../project.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

/** Messages that are listed where nothing else is said. */
const LIMIT = 10;
/** Somebody waits for it. Milliseconds. */
const BUDGET_MS = 60_000;
const TEST_MS = 15_000;

const testCommand: Command = {
  name: 'test',
  summary: 'send a sample to each receiver now, and print what each answers',
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--to <receiver>',
      description: 'only slack, email or webhook',
      ...oneOf('slack', 'email', 'webhook'),
    },
    jsonFlag,
  ],
  examples: ['gameplan alerts test', 'gameplan alerts test --to email'],
  run: async invocation => {
    const {options, world} = invocation;
    const tests = await testAll(invocation);
    world.write(
      options.json === true ? jsonText({version: 1, receivers: tests}) : printTests(tests, screenOf(world)),
    );
    return tests.length > 0 && tests.every(({state}) => state === 'sent') ? EXIT.done : EXIT.wrong;
  },
};

/** The ledger is not asked and learns nothing of it. */
async function testAll(invocation: Invocation): Promise<readonly TestView[]> {
  const {options, world} = invocation;
  const declared = await openDeclared(invocation);
  const [{pageOf, reachAll}, {send, SendError}] = await Promise.all([
    import('../../report/alerts.ts'),
    import('../../runner/alert-send.ts'),
  ]);
  const {name, target} = declared.pipeline;
  const message = sampleMessage({pipeline: name, target: target.name, now: world.now()});
  const sending = {page: pageOf(declared, world.env), timeoutMs: TEST_MS};
  const asked = reachAll(declared, world.env).filter(
    ({kind}) => options.to === undefined || kind === options.to,
  );
  return await Promise.all(
    asked.map(async (receiver): Promise<TestView> => {
      const {kind} = receiver;
      if (receiver.address === undefined) return {receiver: kind, state: 'off', says: receiver.why};
      try {
        return {receiver: kind, state: 'sent', says: await send(receiver, message, sending)};
      } catch (error) {
        if (!(error instanceof SendError)) throw error;
        return {receiver: kind, state: 'failed', says: error.message};
      }
    }),
  );
}

const sendCommand: Command = {
  name: 'send',
  summary: 'look what there is to tell, and deliver what is due: for cron, where nothing is served',
  arguments: [],
  flags: [...projectFlags, jsonFlag],
  examples: ['gameplan alerts send'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const {alertPass} = await import('../../report/alerts.ts');
    const passed = await alertPass(project, {env: world.env, now: world.now, budgetMs: BUDGET_MS});
    world.write(
      options.json === true
        ? jsonText({version: 1, message: passed.message ?? null, delivered: passed.delivered})
        : printPassed(passed, screenOf(world)),
    );
    return passed.delivered.some(({error}) => error !== undefined) ? EXIT.wrong : EXIT.done;
  },
};

export const alertsCommand: Command = {
  name: 'alerts',
  summary: 'what is wrong and was told to whom, and what is still to be delivered',
  arguments: [],
  flags: [
    ...projectFlags,
    {flags: '--limit <n>', description: `at most so many messages (default: ${LIMIT})`, parse: whole},
    jsonFlag,
  ],
  examples: ['gameplan alerts', 'gameplan alerts --json', 'gameplan alerts test'],
  subcommands: [testCommand, sendCommand],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const {alertsView} = await import('../../report/alerts-view.ts');
    const {view, timezone} = withSnapshot(project, ledger => {
      const frame = classify({...project, ledger, now: world.now()});
      const {env, now} = world;
      return {
        view: alertsView(project, frame, {env, now, limit: options.limit ?? LIMIT}),
        timezone: timezoneOf(frame),
      };
    });
    const about = {pipeline: project.pipeline.name, target: project.pipeline.target.name, now: world.now()};
    world.write(
      options.json === true
        ? jsonText(alertsJson(view, about))
        : printAlerts(view, {...about, timezone, ...screenOf(world)}),
    );
    return EXIT.done;
  },
};
