/**
 * What `gaps accept` and `gaps reopen` do: read, choose, write the file and the events, print.
 */
import {EVENT_SEVERITY} from '../planner/coverage-event.ts';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import {parseAssetRange} from '../planner/range-text.ts';
import {unstopped} from '../planner/sentence.ts';
import {jsonText, keyOrderOf} from '../report/frame-view.ts';
import {type Project, withSnapshot, writeLedger} from '../report/project-ledger.ts';
import type {Invocation} from './command.ts';
import {editAlone} from './gaps-lock.ts';
import {writeGapsFile} from './known-gaps-file.ts';
import {printLeft} from './print-correction.ts';
import {printSigning, signingJson} from './print-signing.ts';
import {openProject} from './project.ts';
import {accept, reopenGaps, type Signing, type SigningRequest} from './signing.ts';
import {screenOf} from './view.ts';
import {purposeOf, purposeOfRun} from './who.ts';
import {EXIT, Refusal, UsageError} from './world.ts';

export async function signOff(invocation: Invocation): Promise<number> {
  const {options, world} = invocation;
  const who = purposeOf('gaps accept', options, world);
  return sign(invocation, (reading, request) =>
    accept(
      reading,
      {...request, who, until: options.until},
      left => new Refusal(printLeft('accepted', request.asset, left)),
    ),
  );
}

export async function takeBack(invocation: Invocation): Promise<number> {
  return sign(invocation, (reading, request) =>
    reopenGaps(reading, {...request, who: purposeOfRun(invocation, true)}),
  );
}

type Sign = (reading: Parameters<typeof accept>[0], request: SigningRequest) => Signing;

async function sign(invocation: Invocation, make: Sign): Promise<number> {
  const open = () => openProject(invocation, {bind: false, mayLackGaps: true});
  const project = await open();
  if (invocation.options.dryRun === true) return signIn(invocation, project, make);
  // Read anew: another command may have signed meanwhile.
  return await editAlone(project, async () => signIn(invocation, await open(), make));
}

function signIn(invocation: Invocation, project: Project, make: Sign): number {
  const {options, world} = invocation;
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
  const detail = [by, why && unstopped(why)].filter(each => each !== undefined).join(': ');
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
