/**
 * `gameplan verify`: the ledger against the receipts, or with `--data` the receipts against the data. It writes nothing.
 */
import {meantBy} from '../../planner/asked.ts';
import {classify} from '../../planner/classify.ts';
import {fingerprintOf} from '../../planner/fingerprint.ts';
import type {LedgerSnapshot} from '../../planner/ledger.ts';
import {jsonText, keyOrderOf, timezoneOf} from '../../report/frame-view.ts';
import {headOf} from '../../report/head.ts';
import {type Project, readLedgerState} from '../../report/project-ledger.ts';
import {LedgerError} from '../../runner/ledger-error.ts';
import type {Intent} from '../../runner/ledger-intent.ts';
import {EMPTY_SNAPSHOT} from '../../runner/ledger-snapshot.ts';
import {type Command, EVERY_ASSET} from '../command.ts';
import {jsonFlag, projectFlags, rangeFlags, waitFlag} from '../flags.ts';
import {dataJson, ledgerJson, printVerifiedData, printVerifiedLedger} from '../print-verify.ts';
import {openProject} from '../project.ts';
import {requestOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, type World} from '../world.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'compare the ledger with the receipts; with --data the receipts with the data itself',
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    ...rangeFlags,
    waitFlag,
    {flags: '--data', description: 'work out versions of rows and hashes of objects anew'},
    {
      flags: '--all',
      description: 'with --data: read rows also where the warehouse says that nobody touched them',
    },
    jsonFlag,
  ],
  examples: [
    'gameplan verify',
    'gameplan verify --data',
    'gameplan verify --data raw.games --season 2023-24 --json',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const {pipeline, sources, root} = project;
    const {openStore, readStandings, restore, snapshotOf, verifyData, verifyLedger} = await import(
      '../../runner/receipts.ts'
    );
    const request = requestOf(invocation, pipeline);
    return await withWarehouse(project, invocation, async warehouse => {
      const store = openStore({root, pipeline, now: world.now});
      const known = [...pipeline.assets.values()].map(asset => fingerprintOf(asset, sources));
      const read = () => readStandings({warehouse, store, known});
      const {standings, states} = await readTogether(read, () => stateOf(project, world));
      const restored = await restore(pipeline, warehouse, standings);
      const frame = classify({...project, ledger: snapshotOf(restored), now: world.now()});
      const isMeant = meantBy(frame, request);
      const view = {
        head: headOf(frame),
        keyOrder: keyOrderOf(frame),
        timezone: timezoneOf(frame),
        ...screenOf(world),
      };
      if (options.data === true) {
        const verified = await verifyData({
          ...{pipeline, warehouse, store, standings, isMeant, frame},
          readsAll: options.all === true,
        });
        world.write(
          options.json === true
            ? jsonText(dataJson(verified))
            : printVerifiedData({...view, ...verified, frame}),
        );
        return verified.differences.length + verified.damaged.length > 0 ? EXIT.wrong : EXIT.done;
      }
      const {snapshot, problem} = states.at(-1) ?? NOTHING;
      if (problem !== undefined) world.complain(`error: ${problem}\n`);
      const verified = verifyLedger({snapshot, standings, atWork: atWorkIn(states), isMeant});
      world.write(
        options.json === true ? jsonText(ledgerJson(verified)) : printVerifiedLedger({...view, ...verified}),
      );
      return verified.differences.length > 0 || problem !== undefined ? EXIT.wrong : EXIT.done;
    });
  },
};

interface LedgerState {
  readonly snapshot: LedgerSnapshot;
  readonly intents: readonly Intent[];
  /** Why the ledger cannot be read: then it counts as empty. */
  readonly problem: string | undefined;
}

const NOTHING: LedgerState = {snapshot: EMPTY_SNAPSHOT, intents: [], problem: undefined};

/** Tries to read receipts between two readings of the ledger that are the same. */
const TRIES = 3;

/** Receipts between two readings of the ledger: a run that is at work may record something meanwhile. */
async function readTogether<Standings>(
  read: () => Promise<Standings>,
  state: () => LedgerState,
): Promise<{readonly standings: Standings; readonly states: readonly LedgerState[]}> {
  for (let tries = 1; ; tries++) {
    const before = state();
    const standings = await read();
    const after = state();
    if (tries === TRIES || before.snapshot.sequence === after.snapshot.sequence)
      return {standings, states: [before, after]};
  }
}

function stateOf(project: Project, world: World): LedgerState {
  try {
    const found = readLedgerState(project, world.now);
    return found === undefined ? NOTHING : {...found, problem: undefined};
  } catch (error) {
    if (!(error instanceof LedgerError) || error.kind === 'busy' || error.kind === 'newer') throw error;
    return {...NOTHING, problem: error.message};
  }
}

/** Partitions of open intents and leases. */
function atWorkIn(states: readonly LedgerState[]): ReadonlySet<string> {
  const refs = states.flatMap(({snapshot, intents}) => [
    ...intents.flatMap(({asset, keys}) => keys.map(key => `${asset}@${key}`)),
    ...[...snapshot.leases].flatMap(([asset, keys]) => [...keys.keys()].map(key => `${asset}@${key}`)),
  ]);
  return new Set(refs);
}
