/**
 * A plan as strips: of each asset, which of its partitions are made, may be, wait or are held back.
 * It does not deal with why.
 */
import './strips.css';
import {Anchor} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useMemo} from 'react';
import {Link} from 'wouter';
import {ACTIONS, type Action} from '../../planner/state.ts';
import type {PlanBody, PlanGroupBody} from '../../server/schema/plan.ts';
import {assetAddress} from '../addresses.ts';
import {getStrips, pathOf} from '../api.ts';
import {useLive} from '../live.tsx';
import {actionOf} from '../looks.ts';
import {Awaited, Failed} from '../parts/empty.tsx';
import {Name} from '../parts/name.tsx';
import {PartitionCard} from '../parts/partition-card.tsx';
import {Legend, Strip} from '../parts/strip.tsx';
import {PageRows} from '../parts/virtual-rows.tsx';
import {ActionBadge} from './action-badge.tsx';
import {actionsByAsset} from './groups.ts';

export function PlanStrips({
  plan,
  groups,
  action,
}: {
  readonly plan: PlanBody;
  /** Those that are shown. */
  readonly groups: readonly PlanGroupBody[];
  /** The one that is shown alone. */
  readonly action: Action | null;
}) {
  const strips = useQuery({
    queryKey: ['plan-strips', plan.id],
    queryFn: () => getStrips(`${pathOf('plans', plan.id)}/strips`),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (strips.error !== null) return <Failed error={strips.error} retry={() => void strips.refetch()} />;
  if (strips.data === undefined) return <Awaited height={320} lines={8} of="strips" />;
  return <Laid bytes={strips.data.bytes} groups={groups} action={action} />;
}

function Laid({
  bytes,
  groups,
  action,
}: {
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  readonly groups: readonly PlanGroupBody[];
  readonly action: Action | null;
}) {
  const {pipeline, axes} = useLive();
  const shown = useMemo(() => onlyWith(bytes, action), [bytes, action]);
  const axisOf = new Map(pipeline.assets.map(each => [each.asset, axes.get(each.axis)]));
  const assets = [...actionsByAsset(groups)];
  return (
    <>
      <div className="plan-strips-legend">
        <Legend of="plan" />
      </div>
      <PageRows
        label="Assets of the plan"
        count={assets.length}
        estimate={58}
        keyOf={index => assets[index]?.[0] ?? index}
        row={index => {
          const [asset, counts] = assets[index] ?? [];
          if (asset === undefined || counts === undefined) return null;
          const axis = axisOf.get(asset);
          return (
            <div className="plan-strip">
              <div>
                <Anchor component={Link} href={assetAddress(asset)} fw={600} fz="sm">
                  <Name text={asset} />
                </Anchor>
                <div className="plan-strip-counts">
                  {ACTIONS.filter(each => counts[each] > 0).map(each => (
                    <ActionBadge key={each} action={each} count={counts[each]} />
                  ))}
                </div>
              </div>
              {axis !== undefined && (
                <Strip
                  asset={asset}
                  axis={axis}
                  bytes={shown.get(asset)}
                  of="plan"
                  describe={at => (
                    <PartitionCard asset={asset} partitionKey={axis.keys[at] ?? ''}>
                      <ActionBadge action={actionOf(bytes.get(asset)?.[at] ?? 0)} />
                    </PartitionCard>
                  )}
                />
              )}
            </div>
          );
        }}
      />
    </>
  );
}

/** Where one action is shown alone, nothing else is in the strips. */
function onlyWith(
  bytes: ReadonlyMap<string, Uint8Array>,
  action: Action | null,
): ReadonlyMap<string, Uint8Array> {
  if (action === null) return bytes;
  return new Map(
    [...bytes].map(([asset, own]) => [asset, own.map(byte => (actionOf(byte) === action ? byte : 0))]),
  );
}
