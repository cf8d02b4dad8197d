/**
 * The receipt of objects that were made again and came out the same: it lies beside them like that of a correction,
 * since nothing new is written that could hold what they are made from now.
 * It does not deal with tables: their receipts are rows of the warehouse.
 */
import {seasonOf} from '../planner/range.ts';
import {type ObjectReceipt, writeCorrection} from './correction-receipt.ts';
import {eventsOf} from './coverage-log.ts';
import {inputsOf, type MadeResult, madeFrom} from './finish.ts';
import {intentIdOf, type MakingObject} from './joint-writes.ts';
import {placeOf, type Stage} from './workshop.ts';

/** Intent, then receipt; returns the intent, which the outcome closes. */
export async function writeUnchanged(
  stage: Stage,
  making: MakingObject,
  result: MadeResult,
): Promise<string> {
  const {asset, job, begun, writes} = making;
  const {name} = asset.asset;
  const {version, rows, coverage} = result;
  const {key} = job;
  const place = placeOf(asset.asset, key, seasonOf(asset, job.ordinal));
  const intent = intentIdOf(stage, making);
  const input = inputsOf(asset, job, begun);
  await writes.writeIntent({
    id: intent,
    run: stage.run,
    asset: name,
    keys: [key],
    kind: 'files',
    payload: {
      startedAt: begun.at,
      inputs: [{key, reasons: job.reasons, ...input}],
      places: {[key]: place},
      events: eventsOf(stage, {asset, job, result, tried: undefined}),
    },
  });
  const receipt: ObjectReceipt = {
    asset: name,
    key,
    kind: 'unchanged',
    intent,
    run: stage.run,
    version,
    rows,
    ...madeFrom(input),
    parts: input.fingerprint.parts,
    expected: coverage?.expected ?? null,
    found: coverage?.found ?? null,
    absent: coverage?.absent ?? [],
    at: stage.clock(),
  };
  await writeCorrection(stage.store(), place, receipt, write => writes.whileAlive(write));
  return intent;
}
