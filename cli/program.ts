/**
 * Makes a command line of the commands: parsing, help, and what every error says and exits with.
 * It does not deal with what a command does.
 */
import {CommanderError, Command as Parser} from 'commander';
import {visible, widthOf} from '../report/text.ts';
import {CrewError} from '../runner/crew-error.ts';
import {LedgerError} from '../runner/ledger-error.ts';
import {LeaseHeld, SessionLost} from '../runner/ledger-session.ts';
import {ProjectFileError} from '../runner/project-file.ts';
import {StoreError} from '../runner/store.ts';
import {WarehouseError} from '../runner/warehouse.ts';
import type {Command, Options} from './command.ts';
import {adoptCommand} from './commands/adopt.ts';
import {alertsCommand} from './commands/alerts.ts';
import {checkCommand} from './commands/check.ts';
import {ciCommand} from './commands/ci.ts';
import {cleanCommand} from './commands/clean.ts';
import {completionCommand} from './commands/completion.ts';
import {copyCommand} from './commands/copy.ts';
import {forgetCommand, markCommand} from './commands/correct.ts';
import {diffCommand} from './commands/diff.ts';
import {doctorCommand} from './commands/doctor.ts';
import {eventsCommand} from './commands/events.ts';
import {explainCommand} from './commands/explain.ts';
import {gapsCommand} from './commands/gaps.ts';
import {healCommand} from './commands/heal.ts';
import {initCommand} from './commands/init.ts';
import {ledgerCommand} from './commands/ledger.ts';
import {lineageCommand} from './commands/lineage.ts';
import {lspCommand} from './commands/lsp.ts';
import {materializeCommand} from './commands/materialize.ts';
import {mcpCommand} from './commands/mcp.ts';
import {metricsCommand} from './commands/metrics.ts';
import {planCommand} from './commands/plan.ts';
import {quarantineCommand} from './commands/quarantine.ts';
import {queryCommand} from './commands/query.ts';
import {runsCommand} from './commands/runs.ts';
import {sampleCommand} from './commands/sample.ts';
import {schemaCommand} from './commands/schema.ts';
import {serveCommand} from './commands/serve.ts';
import {statusCommand} from './commands/status.ts';
import {testCommand} from './commands/test.ts';
import {validateCommand} from './commands/validate.ts';
import {verifyCommand} from './commands/verify.ts';
import {workerCommand} from './commands/worker.ts';
import {completionLines} from './complete.ts';
import {logged} from './logged-world.ts';
import {EXIT, Refusal, UsageError, type World} from './world.ts';

export const COMMANDS: readonly Command[] = [
  initCommand,
  validateCommand,
  planCommand,
  materializeCommand,
  statusCommand,
  gapsCommand,
  eventsCommand,
  healCommand,
  alertsCommand,
  explainCommand,
  diffCommand,
  checkCommand,
  quarantineCommand,
  queryCommand,
  sampleCommand,
  runsCommand,
  workerCommand,
  serveCommand,
  metricsCommand,
  mcpCommand,
  lspCommand,
  forgetCommand,
  markCommand,
  adoptCommand,
  verifyCommand,
  doctorCommand,
  copyCommand,
  cleanCommand,
  ledgerCommand,
  lineageCommand,
  schemaCommand,
  testCommand,
  ciCommand,
  completionCommand,
];

/** Runs one command line; returns the exit code. `args` are without node and the script. */
export function runProgram(args: readonly string[], world: World): Promise<number> {
  return logged(args, world, each => runCommand(args, each));
}

async function runCommand(args: readonly string[], world: World): Promise<number> {
  // Asked by the scripts of `completion` at each press of a key: whatever goes wrong, it says nothing.
  if (args[0] === 'complete' && args[1] === '--') {
    world.write(await completionLines(args.slice(2), COMMANDS, world));
    return EXIT.done;
  }
  const outcome = {code: EXIT.done as number};
  const program = new Parser('gameplan')
    .description('Plans and fills tables that are partitioned by game date.')
    .version(world.version)
    .addHelpText('after', HELP);
  settle(program, world);
  for (const command of COMMANDS) addCommand(program, command, world, outcome);
  try {
    await program.parseAsync(args, {from: 'user'});
    return outcome.code;
  } catch (error) {
    return report(error, world);
  }
}

const HELP = `
Exit codes: 0 done, or nothing to do; 1 the pipeline or the data is wrong, or a partition failed or still waits;
2 with --detailed-exitcode: there is work; 64 the command was wrong; 130 interrupted.

Select assets by name, glob, +asset, asset+, 2+asset, tag:x, group:x, state:missing, quality:<silver; a space means or, a comma means and.`;

function addCommand(parent: Parser, command: Command, world: World, outcome: {code: number}): void {
  const parser = parent.command(command.name).description(command.summary);
  settle(parser, world);
  for (const [name, description] of command.arguments) parser.argument(name, description);
  for (const {flags, description, parse} of command.flags) {
    if (parse === undefined) parser.option(flags, description);
    else parser.option(flags, description, parse);
  }
  parser.addHelpText('after', `\nExamples:\n${command.examples.map(example => `  $ ${example}`).join('\n')}`);
  parser.action(async () => {
    const options = parser.optsWithGlobals<Options>();
    outcome.code = await command.run({args: parser.args, options, world});
  });
  for (const subcommand of command.subcommands ?? []) addCommand(parser, subcommand, world, outcome);
}

function settle(parser: Parser, world: World): void {
  // A subcommand may take a flag of the same name for another thing: what stands after its name is its own.
  parser.enablePositionalOptions();
  parser.exitOverride().configureOutput({
    writeOut: world.write,
    writeErr: world.complain,
    getOutHelpWidth: () => widthOf(world.columns()),
    getErrHelpWidth: () => widthOf(world.columns()),
    getOutHasColors: () => world.isColored,
    getErrHasColors: () => false,
  });
  parser.showHelpAfterError(`(${typedName(parser)} --help says more)`);
}

/** With the commands that it belongs to, such as `gameplan gaps accept`. */
function typedName(parser: Parser): string {
  return parser.parent === null ? parser.name() : `${typedName(parser.parent)} ${parser.name()}`;
}

/** Says what is wrong; returns the exit code. */
function report(error: unknown, world: World): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof UsageError) {
    world.complain(`error: ${harmless(error.message)}\n`);
    return EXIT.usage;
  }
  if (error instanceof Refusal) {
    world.complain(error.text);
    return EXIT.wrong;
  }
  if (isToldInFull(error)) {
    world.complain(`error: ${harmless(error.message)}\n`);
    return EXIT.wrong;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  world.complain(`Internal error: ${stack.replace(/^Internal error: /, '')}\n`);
  return EXIT.wrong;
}

/** What others wrote, over several lines. */
function harmless(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** Errors whose message has the place, the cause and the mend. */
const TOLD = [
  CrewError,
  LedgerError,
  LeaseHeld,
  ProjectFileError,
  SessionLost,
  StoreError,
  WarehouseError,
] as const;

/** Whether nothing needs to be added. */
function isToldInFull(error: unknown): error is Error {
  return TOLD.some(kind => error instanceof kind);
}
