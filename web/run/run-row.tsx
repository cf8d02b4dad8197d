/**
 * One run in a list of them, and a card for one that is at work.
 * It does not deal with what it did to each partition.
 */
import './run-row.css';
import {Anchor, Card, Group, Text, VisuallyHidden} from '@mantine/core';
import {Link} from 'wouter';
import {durationText, number} from '../../planner/amount.ts';
import type {RunLineBody} from '../../server/schema/run.ts';
import {runAddress} from '../addresses.ts';
import {useLive} from '../live.tsx';
import {OutcomeCounts} from '../parts/outcome-counts.tsx';
import {endedOf, ProgressBar} from '../parts/progress-bar.tsx';
import {TimeText} from '../parts/time-text.tsx';
import {paceTexts, withProgress} from './live-run.ts';
import {RUN_KINDS, RunStatus} from './status.tsx';
import {goingText, useClock} from './use-clock.ts';

export function RunRow({run}: {readonly run: RunLineBody}) {
  const {id, kind, command, startedAt, endedAt, status, counts, by, why} = run;
  return (
    <div className="run-row">
      <div>
        <RunStatus status={status} />
      </div>
      <div className="run-row-when">
        <Anchor component={Link} href={runAddress(id)} fw={600} fz="sm">
          <VisuallyHidden>Run {id}, </VisuallyHidden>
          <TimeText at={startedAt} as="clock" />
        </Anchor>
        <div className="quiet">
          {endedAt === null ? 'no end' : durationText(endedAt - startedAt)}
          {by !== null && ` · ${by}`}
        </div>
      </div>
      <div className="run-row-what">
        <div className="run-row-command" title={command}>
          {kind !== 'run' && <b>{RUN_KINDS[kind]} </b>}
          {command}
        </div>
        {why !== null && <div className="quiet">{why}</div>}
      </div>
      <div className="run-row-counts">
        <OutcomeCounts counts={counts} size="xs" />
        {counts.requested > endedOf(counts) && status !== 'running' && (
          <Text size="xs" className="quiet">
            {number(counts.requested - endedOf(counts))} without an end
          </Text>
        )}
      </div>
    </div>
  );
}

export function LiveRunCard({run}: {readonly run: RunLineBody}) {
  const {progress} = useLive();
  const now = useClock(true);
  const live = withProgress(run, progress);
  const {id, counts, command, startedAt, by, why} = live;
  return (
    <Card withBorder radius="md" p="md" className="run-card">
      <Group justify="space-between" gap="xs" mb="xs">
        <Group gap="md">
          <RunStatus status="running" />
          <Anchor component={Link} href={runAddress(id)} fw={600} fz="sm">
            {id}
          </Anchor>
          {by !== null && (
            <Text size="sm" className="quiet">
              {by}
            </Text>
          )}
        </Group>
        <Text size="sm" style={{fontVariantNumeric: 'tabular-nums'}}>
          {[goingText(now - startedAt), ...paceTexts(live)].join(' · ')}
        </Text>
      </Group>
      <ProgressBar counts={counts} of={`Run ${id}`} isLive />
      <Group justify="space-between" gap="xs" mt="xs">
        <OutcomeCounts counts={counts} size="xs" isWithRequested />
        <Text size="xs" className="quiet run-row-command" title={command}>
          {command}
        </Text>
      </Group>
      {why !== null && (
        <Text size="xs" className="quiet">
          {why}
        </Text>
      )}
    </Card>
  );
}
