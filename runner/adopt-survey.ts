/**
 * Looks at what lies in warehouse and store of assets that the ledger knows nothing of, in dependency order, so that
 * what reads them is worked out from it. It does not write anything (adopt.ts).
 */
import {type AssetFrame, keyAt} from '../planner/frame.ts';
import {PLAIN_TRUST} from '../planner/ledger.ts';
import {isMeant} from '../planner/range.ts';
import {unreachable} from '../planner/unreachable.ts';
import {surveyFolders} from './adopt-objects.ts';
import {surveyTable} from './adopt-table.ts';
import {type Looked, NOTHING, type Surveyed, type Surveying, type Wanted} from './adoption.ts';
import {bringForward} from './finish.ts';
import {lookAt} from './observe.ts';
import {WarehouseError} from './warehouse.ts';

/** What was found of the asset counts as published in the frame from here on. */
export async function surveyAsset(surveying: Surveying, asset: AssetFrame): Promise<Surveyed> {
  const {frame, request} = surveying;
  const meant = [...asset.keys.keys()].filter(
    ordinal => asset.exempt[ordinal] === 0 && isMeant(asset, ordinal, request.patterns),
  );
  const wanted = meant
    .filter(ordinal => asset.published[ordinal] === 0)
    .map(ordinal => ({ordinal, key: keyAt(asset, ordinal)}));
  const known = meant.length - wanted.length;
  const looked = wanted.length === 0 ? NOTHING : await look(surveying, asset, wanted);
  for (const {ordinal, result} of looked.found) bringForward({frame}, asset, ordinal, result);
  return {...looked, known};
}

async function look(surveying: Surveying, asset: AssetFrame, wanted: readonly Wanted[]): Promise<Looked> {
  const {making, name} = asset.asset;
  switch (making.kind) {
    case 'files':
      return await surveyFolders(surveying, asset, wanted);
    case 'export':
      return {
        ...NOTHING,
        problem: `it is an export, which 'gameplan materialize ${name}' makes of what it reads`,
      };
    case 'external-table':
    case 'external-objects':
      return await surveyExternal(surveying, asset, wanted);
    case 'sql':
    case 'rows':
    case 'sources':
      return await surveyTable(surveying, asset, wanted);
    default:
      return unreachable(making);
  }
}

async function surveyExternal(
  surveying: Surveying,
  asset: AssetFrame,
  wanted: readonly Wanted[],
): Promise<Looked> {
  try {
    const seen = await lookAt(
      surveying,
      asset,
      wanted.map(({key}) => key),
    );
    const found = wanted.flatMap(each => {
      const own = seen.get(each.key);
      if (own === undefined) return [];
      const result = {
        outcome: 'succeeded',
        ...own,
        coverage: undefined,
        trust: PLAIN_TRUST,
        warnings: [],
      } as const;
      return [{...each, result, despite: undefined}];
    });
    return {...NOTHING, found, absent: wanted.filter(({key}) => !seen.has(key)).map(({key}) => key)};
  } catch (error) {
    if (!(error instanceof WarehouseError) || error.kind !== 'statement') throw error;
    return {...NOTHING, problem: error.message.replace(/\.$/, '')};
  }
}
