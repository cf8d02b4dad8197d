/**
 * How many games partitions hold of those that they should. One definition for states, edges, status and checks.
 * It does not deal with how rows are counted (runner/duckdb-audit.ts).
 */
import {acceptedGames} from './accepted.ts';
import {type AssetFrame, expectedAt, type Frame, heldAt, setGames} from './frame.ts';

/** Shares are compared with this slack: 90 % of 10 games is 9. */
const SHARE_SLACK = 1e-9;

/** What the rows hold of what the calendar expects, accepted games left out; nothing where no games are counted. */
export function countGames(asset: AssetFrame, frame: Frame): void {
  const {covers, partitioning} = asset.asset;
  const {record} = asset;
  if (partitioning.kind !== 'date' || (covers === undefined && record?.hasCoverage !== true)) return;
  for (let ordinal = 0; ordinal < asset.keys.length; ordinal++) {
    const row = asset.row[ordinal] ?? -1;
    const isRecorded = asset.published[ordinal] === 1 && (record?.expected[row] ?? -1) >= 0;
    if (covers === undefined && !isRecorded) continue;
    const games = asset.calendar?.games[ordinal] ?? [];
    // Games that the calendar has gained since were not counted: no more is held than was found.
    const found = isRecorded ? (record?.found[row] ?? 0) : games.length;
    const absent = isRecorded ? record?.absent.get(row) : games.map(({id}) => id);
    if (absent === undefined || absent.length === 0) {
      setGames(asset, ordinal, games.length, Math.min(games.length, found));
      continue;
    }
    const lacking = new Set(absent);
    const accepted = acceptedGames(frame, asset, ordinal);
    const rest = games.filter(({id}) => !lacking.has(id)).length;
    const open = games.filter(({id}) => lacking.has(id) && !accepted.has(id)).length;
    setGames(asset, ordinal, rest + open, Math.min(rest, found));
  }
}

/** Whether a published partition holds enough of its games. */
export function isCovered(asset: AssetFrame, ordinal: number): boolean {
  return isEnough(heldAt(asset, ordinal), asset.asset.covers?.atLeast ?? 1, expectedAt(asset, ordinal));
}

/** Whether so many are at least that share of what is expected. */
export function isEnough(held: number, share: number, expected: number): boolean {
  return held >= share * expected - SHARE_SLACK;
}

/** How many of some games are expected where these are held: all but those whose absence is signed off. */
export function expectedOf(
  games: readonly string[],
  {held, accepted}: {readonly held: ReadonlySet<string>; readonly accepted: ReadonlySet<string>},
): number {
  return games.filter(game => held.has(game) || !accepted.has(game)).length;
}
