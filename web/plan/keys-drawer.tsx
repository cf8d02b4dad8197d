/**
 * Each partition of an asset that a plan lists, fetched as it is scrolled to.
 * It does not deal with groups.
 */
import './keys-drawer.css';
import {Anchor, Drawer, Text} from '@mantine/core';
import {useInfiniteQuery} from '@tanstack/react-query';
import {Link} from 'wouter';
import {counted} from '../../planner/amount.ts';
import type {Action} from '../../planner/state.ts';
import type {PlannedBody} from '../../server/schema/plan.ts';
import {partitionAddress} from '../addresses.ts';
import {get, pathOf} from '../api.ts';
import {Awaited, Failed} from '../parts/empty.tsx';
import {StateBadge} from '../parts/state-badge.tsx';
import {BoxedRows} from '../parts/virtual-rows.tsx';
import {ActionBadge} from './action-badge.tsx';

/** Of these partitions. */
export interface Opened {
  readonly asset: string;
  readonly action: Action | null;
}

const PAGE = 200;

export function KeysDrawer({
  plan,
  opened,
  onClose,
}: {
  readonly plan: string;
  readonly opened: Opened | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Drawer
      opened={opened !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={
        <Text fw={600} style={{overflowWrap: 'anywhere'}}>
          {opened?.asset}
        </Text>
      }
    >
      {opened !== undefined && <Keys key={opened.asset + opened.action} plan={plan} opened={opened} />}
    </Drawer>
  );
}

function Keys({plan, opened: {asset, action}}: {readonly plan: string; readonly opened: Opened}) {
  const pages = useInfiniteQuery({
    queryKey: ['plan-keys', plan, asset, action],
    queryFn: ({pageParam}) =>
      get<PlannedBody>(`${pathOf('plans', plan)}/partitions`, {
        asset,
        action: action ?? undefined,
        offset: pageParam,
        limit: PAGE,
      }),
    initialPageParam: 0,
    getNextPageParam: ({total}, all) => (all.length * PAGE < total ? all.length * PAGE : undefined),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (pages.error !== null) return <Failed error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.data === undefined) return <Awaited height={320} lines={8} of="partitions" />;
  const known = pages.data.pages.flatMap(({partitions}) => partitions);
  return (
    <>
      <Text size="sm" className="quiet" component="div" mb="xs">
        All {counted(pages.data.pages[0]?.total ?? 0, 'partition')} of this asset
        {action !== null && (
          <>
            {' with '}
            <ActionBadge action={action} />
          </>
        )}
      </Text>
      <BoxedRows
        label={`Partitions of ${asset}`}
        count={known.length}
        estimate={58}
        height="calc(100dvh - 130px)"
        keyOf={index => known[index]?.key ?? index}
        onSeen={last => {
          if (last >= known.length - 20 && pages.hasNextPage && !pages.isFetchingNextPage)
            void pages.fetchNextPage();
        }}
        row={index => {
          const partition = known[index];
          if (partition === undefined) return null;
          return (
            <div className="plan-key">
              <Anchor component={Link} href={partitionAddress(asset, partition.key)} fz="sm" fw={600}>
                {partition.key}
              </Anchor>
              <ActionBadge action={partition.action} />
              <StateBadge look={partition.state} />
              <div className="plan-key-why">{partition.reasons.map(({text}) => text).join('; ')}</div>
            </div>
          );
        }}
      />
    </>
  );
}
