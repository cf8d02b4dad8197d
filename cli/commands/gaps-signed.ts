/**
 * `gameplan gaps accept` and `gaps reopen`: sign gaps off in the target's file of accepted gaps, or take it back.
 * Nothing is made, and nothing becomes stale.
 */
import {EVENT_SEVERITY} from '../../planner/coverage-event.ts';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {parseAssetRange} from '../../planner/range-text.ts';
import type {Command, Invocation} from '../command.ts';
import {date, jsonFlag, nowFlag, projectFlags} from '../flags.ts';
import {writeGapsFile} from '../known-gaps-file.ts';
import {printLeft} from '../print-correction.ts';
import {printSigning, signingJson} from '../print-signing.ts';
import {openProject, type Project, withSnapshot, writeLedger} from '../project.ts';
import {accept, reopenGaps, type Signing, type SigningRequest} from '../signing.ts';
import {jsonText, keyOrderOf, screenOf} from '../view.ts';
import {purposeOf, purposeOfRun} from '../who.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

const RANGE = [
  '<partitions>',
  'ASSET@RANGE, such as raw.games@2024-01-15 or raw.games@2024-01-01..2024-01-31',
] as const;

const flags = [
  ...projectFlags,
  {flags: '--games <ids>', description: 'only these games, comma-separated'},
  {flags: '--by <name>', description: 'who asks, for the record (default: the user of git or of the system)'},
  {flags: '--dry-run', description: 'show what follows and touch nothing'},
  nowFlag,
  jsonFlag,
];

export const acceptCommand: Command = {
  name: 'accept',
  summary: "sign gaps off in the target's file of accepted gaps",
  arguments: [RANGE],
  flags: [
    ...flags,
    {flags: '--reason <text>', description: 'why, for the file'},
    {flags: '--until <date>', description: 'the date from which it is a gap again', parse: date},
  ],
  examples: [
    "gameplan gaps accept raw.player_boxscores@2025-04-15 --reason 'Play-in; no source has their player rows.'",
    "gameplan gaps accept raw.player_boxscores@2025-04-15 --games 0052400101 --reason 'not recorded' --until 2026-06-30",
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const who = purposeOf('gaps accept', options, world);
    return sign(invocation, (reading, request) =>
      accept(
        reading,
        {...request, who, until: options.until},
        left => new Refusal(printLeft('accepted', request.asset, left)),
      ),
    );
  },
};

export const reopenCommand: Command = {
  name: 'reopen',
  summary: "take gaps out of the target's file of accepted gaps",
  arguments: [RANGE],
  flags: [...flags, {flags: '--reason <text>', description: 'why, for the record'}],
  examples: [
    'gameplan gaps reopen raw.player_boxscores@2025-04-15',
    'gameplan gaps reopen raw.player_boxscores@2025-04-15 --games 0052400101 --dry-run',
  ],
  run: async invocation =>
    sign(invocation, (reading, request) =>
      reopenGaps(reading, {...request, who: purposeOfRun(invocation, true)}),
    ),
};

type Sign = (reading: Parameters<typeof accept>[0], request: SigningRequest) => Signing;

async function sign(invocation: Invocation, make: Sign): Promise<number> {
  const {options, world} = invocation;
  const project = await openProject(invocation, {bind: false, mayLackGaps: true});
  const request = requestIn(invocation, project);
  const signing = withSnapshot(project, ledger => {
    const made = make({project, ledger, clock: world.now}, request);
    const keyOrder = keyOrderOf(made.frame);
    return {...made, keyOrder};
  });
  const isDry = options.dryRun === true;
  if (!isDry) write(project, signing, world.now);
  world.write(
    options.json === true
      ? jsonText(signingJson(signing, !isDry))
      : printSigning(signing, signing.keyOrder, screenOf(world), isDry),
  );
  return EXIT.done;
}

function requestIn({args, options, world}: Invocation, project: Project): SigningRequest {
  const {asset, patterns, diagnostics} = parseAssetRange(args[0] ?? '', project.pipeline);
  if (asset === undefined || patterns === undefined) {
    const told = formatDiagnostics(diagnostics, {color: world.isColored});
    throw new UsageError(`these partitions cannot be selected:\n${told.trimEnd()}`);
  }
  const games = options.games?.split(',').map(game => game.trim());
  if (games?.includes('') === true) throw new UsageError('--games: write ids with commas between.');
  return {asset, patterns, games, now: options.now ?? world.now()};
}

/** The file first: what is not recorded of it, git still knows. */
function write(project: Project, signing: Signing, now: () => number): void {
  const {kind, asset, partitions, by, why, text} = signing;
  const event = kind === 'accept' ? 'gap-accepted' : 'gap-reopened';
  const detail = [by, why?.replace(/(?<!\.)\.$/, '')].filter(each => each !== undefined).join(': ');
  const base = {at: now(), run: undefined, asset, kind: event, source: undefined, detail} as const;
  const severity = EVENT_SEVERITY[event];
  writeGapsFile(project, text);
  writeLedger(project, now, ledger =>
    ledger.recordEvents(
      partitions.flatMap(({key, games}) =>
        (games.length === 0 ? [undefined] : games).map(game => ({...base, severity, key, game})),
      ),
    ),
  );
}
