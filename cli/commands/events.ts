/**
 * `gameplan events`: the source coverage log, each event with how it ended, or game by game. Reads the ledger alone.
 */
import {classify} from '../../planner/classify.ts';
import {EVENT_SEVERITY, SEVERITIES, type Severity} from '../../planner/coverage-event.ts';
import {assetsOf} from '../../planner/select.ts';
import {eventJson, gameJson, gamesOf, resolveEvents} from '../../report/coverage-log.ts';
import {jsonText, timezoneOf} from '../../report/frame-view.ts';
import {type Project, readCoverageLog, withSnapshot} from '../../report/project-ledger.ts';
import type {EventFilter} from '../../runner/ledger-coverage.ts';
import {type Command, EVERY_ASSET, type Invocation} from '../command.ts';
import {jsonFlag, nowFlag, oneOf, projectFlags, someOf, span, whole} from '../flags.ts';
import {printEvents, printGames} from '../print-coverage-log.ts';
import {openProject} from '../project.ts';
import {selectionOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

/** Events that are listed where nothing else is said; game by game all are read. */
const LIMIT = 50;

export const eventsCommand: Command = {
  name: 'events',
  summary: 'the log of sources that failed, what stood in for them, and how each ended',
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    {
      flags: '--kind <kinds>',
      description: 'only these kinds, such as source-error,check-failed',
      parse: someOf(...Object.keys(EVENT_SEVERITY)),
    },
    {
      flags: '--severity <least>',
      description: 'info, warning or error, and what is worse',
      ...oneOf(...SEVERITIES),
    },
    {flags: '--source <name>', description: 'only of this source'},
    {flags: '--game <id>', description: 'only of this game'},
    {flags: '--since <time>', description: 'only the last so long, such as 7d', parse: span},
    {flags: '--run <id>', description: 'only of this run'},
    {flags: '--by-game', description: 'a line a game: worst severity, sources, score, what is open'},
    {flags: '--limit <n>', description: `at most so many events (default: ${LIMIT})`, parse: whole},
    nowFlag,
    jsonFlag,
  ],
  examples: [
    'gameplan events',
    'gameplan events raw.player_boxscores --severity error --since 7d',
    'gameplan events --kind fallback-used,reconstructed --json',
    'gameplan events --by-game --since 30d',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const now = options.now ?? world.now();
    const filter = filterOf(invocation, project, now);
    const log = readCoverageLog(project, filter, world.now);
    const text = withSnapshot(project, ledger => {
      const frame = classify({...project, ledger, now});
      const resolved = resolveEvents(frame, log.events, log.aftermath);
      const screen = {timezone: timezoneOf(frame), ...screenOf(world)};
      if (options.byGame === true) {
        const games = gamesOf(frame, resolved, options.game);
        return options.json === true ? jsonText(games.map(gameJson)) : printGames(games, screen);
      }
      return options.json === true
        ? jsonText(resolved.map(eventJson))
        : printEvents(resolved, {...screen, limit: filter.limit ?? Number.POSITIVE_INFINITY});
    });
    world.write(text);
    return EXIT.done;
  },
};

function filterOf({args, options, world}: Invocation, project: Project, now: number): EventFilter {
  const selection = selectionOf(args, project.pipeline, world);
  const {kind, severity, source, game, since, run, limit, byGame} = options;
  return {
    assets: selection && [...assetsOf(selection)],
    kinds: kind,
    severities: severity && severitiesFrom(severity),
    source,
    // An event of a whole date is one of each of its games.
    game: byGame === true ? undefined : game,
    since: since === undefined ? undefined : now - since,
    run,
    limit: limit ?? (byGame === true ? undefined : LIMIT),
  };
}

function severitiesFrom(least: Severity): readonly Severity[] {
  return SEVERITIES.slice(SEVERITIES.indexOf(least));
}
