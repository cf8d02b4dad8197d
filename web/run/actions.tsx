/**
 * What can be done about a run: cancel it, or try again what failed.
 * It does not deal with how a run hears of it.
 */
import {Button, Group, Modal, Stack, Text} from '@mantine/core';
import {IconHandStop, IconListCheck, IconRefresh} from '@tabler/icons-react';
import {useMutation} from '@tanstack/react-query';
import {useState} from 'react';
import {useLocation} from 'wouter';
import {counted} from '../../planner/amount.ts';
import type {RunBody, RunLineBody} from '../../server/schema/run.ts';
import {get, pathOf, post} from '../api.ts';
import {useLedger, useLive} from '../live.tsx';
import {ActionButton, whyNoChange} from '../parts/action-button.tsx';

export function RunActions({run}: {readonly run: RunBody}) {
  return (
    <Group gap="xs">
      {run.status === 'running' ? (
        <CancelButton run={run} />
      ) : (
        run.kind === 'run' && <PlanButtons run={run} />
      )}
    </Group>
  );
}

/** As Ctrl-C does: once, and nothing new begins; twice, and what is at work is given up. */
const ASKED = {
  1: {
    button: 'Cancel',
    title: 'Cancel this run?',
    text: 'No partition begins from now on. Those at work are finished and published; the rest is counted as cancelled. What is published stays as it is, and a later run goes on from there.',
    yes: 'Begin nothing more',
  },
  2: {
    button: 'Stop at once',
    title: 'Stop what is at work, too?',
    text: 'Partitions at work are given up before they are published: each keeps the rows that it had. Nothing is left half written.',
    yes: 'Stop at once',
  },
} as const;

function CancelButton({run}: {readonly run: RunBody}) {
  const {pipeline} = useLive();
  const [hasAsked, setAsked] = useState(false);
  const times = hasAsked || run.asked.length > 0 ? 2 : 1;
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => post(`${pathOf('runs', run.id)}/cancel`),
    onSuccess: () => {
      setAsking(false);
      setAsked(true);
    },
  });
  const words = ASKED[times];
  return (
    <>
      {times === 2 && (
        <Text size="sm" className="quiet" role="status">
          Cancelling: what is at work is being finished.
        </Text>
      )}
      <ActionButton
        variant="default"
        size="sm"
        why={run.kind === 'run' ? whyNoChange(pipeline) : 'Only a run that materializes can be cancelled.'}
        leftSection={<IconHandStop size={16} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {words.button}
      </ActionButton>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={<Text fw={650}>{words.title}</Text>}>
        <Stack gap="md">
          <Text size="sm">{words.text}</Text>
          {cancel.error !== null && (
            <Text size="sm" role="alert" c="var(--wrong)">
              {cancel.error.message}
            </Text>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => setAsking(false)}>
              Let it run
            </Button>
            <Button color="red.9" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              {words.yes}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

/** A plan, shown before anything is made: of what failed, or of what an end before its time left. */
function PlanButtons({run}: {readonly run: RunBody}) {
  const [, navigate] = useLocation();
  const {counts, status} = run;
  const newest = useLedger('/runs newest', () => get<{runs: RunLineBody[]}>('/runs', {limit: 20}));
  const last = newest.data?.runs.find(each => each.kind === 'run');
  const again = counts.failed + counts.quarantined + counts.skipped;
  const isCutShort = status === 'dead' || counts.cancelled > 0;
  const why =
    again === 0
      ? 'Nothing failed in this run.'
      : last !== undefined && last.id !== run.id
        ? 'Another run has been since: the plan says what is still to be done.'
        : undefined;
  return (
    <>
      {isCutShort && (
        <ActionButton
          variant="default"
          size="sm"
          why={undefined}
          leftSection={<IconListCheck size={16} aria-hidden />}
          onClick={() => navigate('/plan')}
        >
          Plan what is left
        </ActionButton>
      )}
      {(!isCutShort || again > 0) && (
        <ActionButton
          variant="default"
          size="sm"
          why={why}
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => navigate('/plan?failed=1')}
        >
          {again === 0 ? 'Retry what failed' : `Retry ${counted(again, 'partition')}`}
        </ActionButton>
      )}
    </>
  );
}
