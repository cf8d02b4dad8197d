/**
 * One run: how far it is, what became of its partitions and why, and what can be done about it.
 * It does not deal with the list of runs (runs.tsx).
 */
import {Alert, Anchor, Button, Code, Group, Stack, Text, Title} from '@mantine/core';
import {IconChevronLeft, IconPlugConnectedX} from '@tabler/icons-react';
import {useState} from 'react';
import {Link, useSearchParams} from 'wouter';
import {counted, durationText, number} from '../../planner/amount.ts';
import type {RunBody, TimelineBody} from '../../server/schema/run.ts';
import {get, pathOf} from '../api.ts';
import {useLedger, useLive} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {OutcomeCounts} from '../parts/outcome-counts.tsx';
import {endedOf, ProgressBar} from '../parts/progress-bar.tsx';
import {Section} from '../parts/section.tsx';
import {TimeText} from '../parts/time-text.tsx';
import {RunActions} from '../run/actions.tsx';
import {Attempts} from '../run/attempts.tsx';
import {ByAsset} from '../run/by-asset.tsx';
import {Failures} from '../run/failures.tsx';
import {paceTexts, withProgress} from '../run/live-run.ts';
import {RUN_KINDS, RunStatus} from '../run/status.tsx';
import {Timeline} from '../run/timeline.tsx';
import {goingText, useClock} from '../run/use-clock.ts';

export function RunPage({id}: {readonly id: string}) {
  const path = pathOf('runs', id);
  const {data, error, refetch} = useLedger<RunBody>(path, () => get<RunBody>(path));
  const {progress} = useLive();
  if (data === undefined || data.id !== id)
    return error === null ? (
      <Awaited height={480} lines={6} of="the run" />
    ) : (
      <Failed error={error} retry={() => void refetch()} />
    );
  const run = withProgress(data, progress);
  const isOfPartitions = run.kind === 'run' || run.counts.requested > 0;
  // What was cancelled was asked for.
  const failures = run.failures.filter(({outcome}) => outcome !== 'cancelled');
  return (
    <Stack gap="md">
      <Head run={run} />
      {(run.status === 'dead' || run.crash !== null) && <Crash run={run} />}
      {isOfPartitions && <HowFar run={run} />}
      {failures.length > 0 && (
        <Section title="What went wrong" aside={counted(failures.length, 'cause')}>
          <Failures failures={failures} />
        </Section>
      )}
      {run.assets.length > 0 && (
        <Section title="By asset" aside={<span>strips as they stand now</span>}>
          <ByAsset run={run} />
        </Section>
      )}
      {isOfPartitions ? (
        <>
          <AlongTime run={run} />
          <OnDemand run={run} />
        </>
      ) : (
        <Empty title="No partition was made" />
      )}
    </Stack>
  );
}

function Head({run}: {readonly run: RunBody}) {
  const {id, kind, command, startedAt, by, why, asked} = run;
  return (
    <div>
      <Anchor component={Link} href="/runs" fz="sm">
        <IconChevronLeft size={14} aria-hidden style={{verticalAlign: '-2px'}} /> Runs
      </Anchor>
      <Group justify="space-between" gap="sm" align="flex-start">
        <Group gap="md">
          <Title order={1} size="h3" style={{overflowWrap: 'anywhere'}}>
            {id}
          </Title>
          <RunStatus status={run.status} />
        </Group>
        <RunActions run={run} />
      </Group>
      <Text size="sm" className="quiet">
        {kind !== 'run' && `${RUN_KINDS[kind]}, `}began <TimeText at={startedAt} as="clock" /> (
        <TimeText at={startedAt} />){by !== null && ` by ${by}`}
      </Text>
      {why !== null && (
        <Text size="sm" mt={4}>
          {why}
        </Text>
      )}
      {asked.map(asking => (
        <Text key={`${asking.at} ${asking.times}`} size="sm" className="quiet">
          {asking.times === 1 ? 'asked to end' : 'asked to cancel what is at work'}{' '}
          <TimeText at={asking.at} as="clock" />
          {asking.by !== null && ` by ${asking.by}`}
        </Text>
      ))}
      <Code mt={6} style={{overflowWrap: 'anywhere', display: 'inline-block'}}>
        {command}
      </Code>
    </div>
  );
}

function Crash({run: {crash, counts}}: {readonly run: RunBody}) {
  const open = counts.requested - endedOf(counts);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconPlugConnectedX aria-hidden />}
      title="The process of this run ended without a word"
      role="alert"
    >
      <Text size="sm">
        {open > 0 ? `${counted(open, 'partition')} ${open === 1 ? 'has' : 'have'} no end. ` : ''}
        What was published is whole: each partition has its old rows or its new ones. The next run settles
        what was begun and goes on from there.
      </Text>
      {crash !== null && <pre className="empty-details">{crash}</pre>}
    </Alert>
  );
}

function HowFar({run}: {readonly run: RunBody}) {
  const now = useClock(run.status === 'running');
  const {counts, status, startedAt, endedAt} = run;
  const isRunning = status === 'running';
  const facts = [
    ...(endedAt === null ? [] : [`took ${durationText(endedAt - startedAt)}`]),
    ...(isRunning ? [`for ${goingText(now - startedAt)}`, ...paceTexts(run)] : []),
  ];
  return (
    <Section
      title={`${number(endedOf(counts))} of ${counted(counts.requested, 'partition')}`}
      aside={<span style={{fontVariantNumeric: 'tabular-nums'}}>{facts.join(' · ')}</span>}
    >
      <Stack gap="sm">
        <ProgressBar counts={counts} of="This run" isLive={isRunning} />
        <OutcomeCounts counts={counts} />
      </Stack>
    </Section>
  );
}

function AlongTime({run}: {readonly run: RunBody}) {
  const path = `${pathOf('runs', run.id)}/timeline`;
  const {data, error, refetch} = useLedger<TimelineBody>(path, () => get<TimelineBody>(path));
  return (
    <Section title="Attempts along time">
      {data === undefined ? (
        error === null ? (
          <Awaited height={240} lines={6} of="the timeline" />
        ) : (
          <Failed error={error} retry={() => void refetch()} />
        )
      ) : data.asset.length === 0 ? (
        <Empty title={run.status === 'running' ? 'No attempt has ended yet' : 'It made no attempt'} />
      ) : (
        <Timeline timeline={data} startedAt={run.startedAt} />
      )}
    </Section>
  );
}

/** Thousands of them: fetched when they are asked for. */
function OnDemand({run}: {readonly run: RunBody}) {
  const [params] = useSearchParams();
  const [isOpen, setOpen] = useState(params.has('asset') || params.has('outcome'));
  return (
    <Section
      title="Each attempt"
      aside={
        <Button size="compact-sm" variant="default" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
          {isOpen ? 'Hide' : 'Show'}
        </Button>
      }
    >
      {isOpen ? (
        <Attempts run={run} />
      ) : (
        <Text size="sm" className="quiet">
          Every try at every partition, with its rows, time and error.
        </Text>
      )}
    </Section>
  );
}
