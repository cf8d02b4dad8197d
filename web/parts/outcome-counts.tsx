/**
 * What became of the partitions of a run, as numbers with their words; what there is none of is left out.
 * It does not deal with how far a run is (progress-bar.tsx).
 */
import {Group, Text} from '@mantine/core';
import {counted} from '../../planner/amount.ts';
import {OUTCOMES} from '../../planner/ledger.ts';
import type {Counts} from '../../server/schema/common.ts';
import {OutcomeBadge} from './state-badge.tsx';

export function OutcomeCounts({
  counts,
  size = 'sm',
  isWithRequested = false,
}: {
  readonly counts: Counts;
  readonly size?: 'xs' | 'sm';
  readonly isWithRequested?: boolean;
}) {
  return (
    <Group gap={size === 'xs' ? 10 : 14} fz={size} style={{rowGap: 4}}>
      {isWithRequested && (
        <Text span fz={size} fw={600} style={{fontVariantNumeric: 'tabular-nums'}}>
          {counted(counts.requested, 'partition')}
        </Text>
      )}
      {OUTCOMES.filter(outcome => counts[outcome] > 0).map(outcome => (
        <OutcomeBadge key={outcome} outcome={outcome} count={counts[outcome]} />
      ))}
    </Group>
  );
}
