/**
 * `gameplan diff ASSET@KEY`: the published rows or objects against what would be published now. Makes the new ones
 * aside and throws them away.
 */
import {classify} from '../../planner/classify.ts';
import {type AssetFrame, frameOf, stateAt} from '../../planner/frame.ts';
import {reasonsAt} from '../../planner/state-reason.ts';
import {jsonText} from '../../report/frame-view.ts';
import {hasLedger} from '../../report/project-ledger.ts';
import {WarehouseError} from '../../runner/warehouse.ts';
import type {Command} from '../command.ts';
import {jsonFlag, nowFlag, projectFlags, waitFlag, whole} from '../flags.ts';
import {noSuchKey, parseRef} from '../partition-ref.ts';
import {diffJson, printDiff} from '../print-diff.ts';
import {openProject, withTarget} from '../project.ts';
import {screenOf} from '../view.ts';
import {EXIT, Refusal} from '../world.ts';

/** Examples of each kind of difference. */
const EXAMPLES = 5;

export const diffCommand: Command = {
  name: 'diff',
  summary: 'the published rows of a partition against what would be published now',
  arguments: [['<partition>', 'ASSET@KEY, such as raw.games@2024-01-15']],
  flags: [
    ...projectFlags,
    {
      flags: '--limit <n>',
      description: `at most so many rows added, removed and changed each (default: ${EXAMPLES})`,
      parse: whole,
    },
    waitFlag,
    nowFlag,
    jsonFlag,
  ],
  examples: [
    'gameplan diff analytics.player_game_summary@2024-01-15',
    'gameplan diff raw.games@2024-01-15 --limit 100 --json',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    const project = await openProject(invocation, {bind: true});
    const wanted = parseRef(args[0] ?? '', project.pipeline);
    if (!hasLedger(project))
      throw new Refusal("error: Nothing has been made yet; 'gameplan materialize' makes it.\n");
    const now = options.now ?? world.now();
    const text = await withTarget(project, invocation, async target => {
      const ledger = target.ledger.snapshot();
      const frame = classify({...project, ledger, now});
      const asset = frameOf(frame, wanted.asset);
      const ordinal = asset.ordinalOf.get(wanted.key);
      if (ordinal === undefined) throw noSuchKey(wanted, frame, ledger);
      const quiet = new AbortController().signal;
      const workshop = target.workshop({
        run: 'diff',
        emit: () => undefined,
        stop: quiet,
        cancel: quiet,
        acceptCalendar: false,
      });
      const stage = {
        ...workshop,
        frame,
        sequence: ledger.sequence,
        heard: ledger.sequence,
        retried: new Map(),
      };
      const about = {
        ref: `${wanted.asset}@${wanted.key}`,
        state: stateAt(asset, ordinal),
        reasons: reasonsAt(frame, asset, ordinal),
        publishedAt: publishedAt(asset, ordinal),
      };
      const {diffPartition} = await import('../../runner/diff.ts');
      const difference = await telling(about.ref, () =>
        diffPartition(stage, {asset, ordinal, limit: options.limit ?? EXAMPLES}),
      );
      return options.json === true
        ? jsonText(diffJson({...about, difference}))
        : printDiff({...about, difference, now, ...screenOf(world)});
    });
    world.write(text);
    return EXIT.done;
  },
};

function publishedAt({published, record, row}: AssetFrame, ordinal: number): number | undefined {
  return published[ordinal] === 1 ? record?.publishedAt[row[ordinal] ?? -1] : undefined;
}

/** What the asset's own query or code throws is the answer: nothing could be published. */
async function telling<T>(ref: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = !(error instanceof Error) || error.message.startsWith('Internal error');
    const isOfRows =
      error instanceof WarehouseError && (error.kind === 'query' || error.kind === 'statement');
    if (isOurs || (error instanceof WarehouseError && !isOfRows)) throw error;
    throw new Refusal(`error: ${ref} cannot be made now: ${error.message}\n`);
  }
}
