// The command that runs the league server: `node demo/league.ts --help` tells its options.
// Does not deal with answering; see demo/league/server.ts.
import {parseArgs} from 'node:util';
import {seasonsBetween} from './league/game.ts';
import {startLeague} from './league/server.ts';

export type {FaultRule} from './league/fault-rule.ts';
export type {Faults} from './league/faults.ts';
export {type LeagueOptions, type LeagueServer, startLeague} from './league/server.ts';

const usage = `Usage: node demo/league.ts [options]
  --recorded DIR   serve the recorded games of DIR (default: ../shared/data where it exists)
  --simulated      serve seasons played from a seed
  --seed N         the seed of simulated seasons (default 1)
  --port P         port on 127.0.0.1 (default 8899; 0 takes any)
  --from SEASON    first season (default 2021-22)
  --to SEASON      last season (default 2025-26)
  --now TIME       the moment the league lives in (default: after the last game)
  --early          recorded: four box scores of November 2025 as before their correction
  --log            print a line a request`;

async function main(): Promise<void> {
  const {values} = parseArgs({
    options: {
      recorded: {type: 'string'},
      simulated: {type: 'boolean', default: false},
      seed: {type: 'string', default: '1'},
      port: {type: 'string', default: '8899'},
      from: {type: 'string', default: '2021-22'},
      to: {type: 'string', default: '2025-26'},
      now: {type: 'string'},
      early: {type: 'boolean', default: false},
      log: {type: 'boolean', default: false},
      help: {type: 'boolean', default: false},
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const server = await startLeague({
    ...(values.recorded === undefined ? {} : {mode: 'recorded', dataDir: values.recorded}),
    ...(values.simulated ? {mode: 'simulated'} : {}),
    ...(values.now === undefined ? {} : {now: values.now}),
    ...(values.log ? {log: line => console.log(line)} : {}),
    seed: Number(values.seed),
    port: Number(values.port),
    seasons: seasonsBetween(values.from, values.to),
    early: values.early,
  });
  console.log(`league server on ${server.url} (${server.mode}, ${values.from} to ${values.to})`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
