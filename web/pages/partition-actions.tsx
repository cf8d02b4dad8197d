/**
 * What can be done about one partition. Everything that is not possible says why.
 * It does not deal with running a plan (plan.tsx).
 */
import {Group, Text} from '@mantine/core';
import {notifications} from '@mantine/notifications';
import {
  IconBolt,
  IconEraser,
  IconListCheck,
  IconSitemap,
  IconWritingSign,
  IconWritingSignOff,
} from '@tabler/icons-react';
import {useQueryClient} from '@tanstack/react-query';
import {useState} from 'react';
import {useLocation} from 'wouter';
import type {AcceptanceBody, CorrectionBody, DoneBody} from '../../server/schema/gap.ts';
import type {PartitionBody} from '../../server/schema/partition.ts';
import {planAddress} from '../addresses.ts';
import {post} from '../api.ts';
import {asSentence} from '../format.ts';
import {useLive} from '../live.tsx';
import {ActionButton, whyNoChange} from '../parts/action-button.tsx';
import {type Question, ReasonModal} from '../parts/reason-modal.tsx';

export function PartitionActions({partition}: {readonly partition: PartitionBody}) {
  const {asset, key, state, holder, notSignable, acceptances} = partition;
  const {pipeline} = useLive();
  const [, go] = useLocation();
  const [question, setQuestion] = useState<Question>();
  const {accept, reopen, forget} = useQuestions(partition);
  const noPlan =
    state === 'exempt' || state === 'orphan' ? `It is ${state}: there is nothing to make.` : undefined;
  const noForce = noPlan ?? (state === 'not-due' ? 'It is not due yet.' : undefined);
  const noChange = whyNoChange(pipeline);
  const held = holder === null ? undefined : `Run ${holder} makes it now.`;
  const noAcceptance = noChange ?? (notSignable === null ? undefined : asSentence(notSignable));
  const noForgetting =
    noChange ?? held ?? (partition.publication === null ? 'Nothing of it is published.' : undefined);
  return (
    <Group gap="xs">
      <ActionButton
        why={noPlan}
        leftSection={<IconListCheck size={16} aria-hidden />}
        onClick={() => go(planAddress({select: asset, keys: key}))}
      >
        Plan it
      </ActionButton>
      <ActionButton
        why={noPlan}
        variant="default"
        leftSection={<IconSitemap size={16} aria-hidden />}
        onClick={() => go(planAddress({select: `+${asset}`, keys: key}))}
      >
        Plan with what is upstream
      </ActionButton>
      <ActionButton
        why={noForce}
        variant="default"
        leftSection={<IconBolt size={16} aria-hidden />}
        onClick={() => go(planAddress({select: asset, keys: key, force: true}))}
      >
        Force
      </ActionButton>
      <ActionButton
        why={noAcceptance}
        variant="default"
        leftSection={<IconWritingSign size={16} aria-hidden />}
        onClick={() => setQuestion(accept)}
      >
        Accept as a gap
      </ActionButton>
      {acceptances.length > 0 && (
        <ActionButton
          why={noChange}
          variant="default"
          leftSection={<IconWritingSignOff size={16} aria-hidden />}
          onClick={() => setQuestion(reopen)}
        >
          Reopen
        </ActionButton>
      )}
      <ActionButton
        why={noForgetting}
        variant="default"
        leftSection={<IconEraser size={16} aria-hidden />}
        onClick={() => setQuestion(forget)}
      >
        Forget
      </ActionButton>
      <ReasonModal question={question} onClose={() => setQuestion(undefined)} />
    </Group>
  );
}

/** The reason of a question that writes nothing. */
const ASKING = 'to see what follows';

/** What a command says would follow: neither what was asked, which comes first, nor the lines of a file. */
function followingIn(text: string): string {
  const [, ...rest] = text.trim().split('\n\n');
  const told = rest.filter(paragraph => !/^[+-] /.test(paragraph)).join('\n\n');
  return told.replace(/\n?Nothing was written.*$/, '').trim() || 'Nothing else changes.';
}

function useQuestions({asset, key, publication}: PartitionBody): {
  readonly accept: Question;
  readonly reopen: Question;
  readonly forget: Question;
} {
  const client = useQueryClient();
  const partitions = `${asset}@${key}`;
  const act = async (path: string, body: AcceptanceBody | CorrectionBody, done: string) => {
    await post<DoneBody>(path, body);
    notifications.show({message: done});
    await client.invalidateQueries({queryKey: ['ledger']});
  };
  const preview = async (path: string, body: AcceptanceBody | CorrectionBody, signal: AbortSignal) =>
    followingIn((await post<DoneBody>(path, {...body, dryRun: true}, signal)).text);
  return {
    accept: {
      title: `Accept ${partitions} as a gap`,
      verb: 'Accept the gap',
      placeholder: 'No source has the rows of this game.',
      hasUntil: true,
      games: publication?.games?.absent ?? [],
      children: (
        <Text size="sm">
          It counts as known from then on: nothing waits for it, and it is tried again when an input changes.
          Data that comes makes the acceptance void.
        </Text>
      ),
      preview: (games, signal) =>
        preview(
          '/gaps/accept',
          {partitions, reason: ASKING, ...(games.length > 0 && {games: [...games]})},
          signal,
        ),
      act: async ({reason, by, until, games}) => {
        const body: AcceptanceBody = {
          partitions,
          reason,
          ...(by && {by}),
          ...(until && {until}),
          ...(games.length > 0 && {games: [...games]}),
        };
        await act('/gaps/accept', body, `${partitions} is accepted as a gap.`);
      },
    },
    reopen: {
      title: `Reopen ${partitions}`,
      verb: 'Reopen it',
      placeholder: 'The source has it after all.',
      children: <Text size="sm">It leaves the file of accepted gaps. What is not there is a gap again.</Text>,
      preview: (_, signal) => preview('/gaps/reopen', {partitions, reason: ASKING}, signal),
      act: async ({reason, by}) => {
        const body: CorrectionBody = {partitions, reason, ...(by && {by})};
        await act('/gaps/reopen', body, `${partitions} is a gap again.`);
      },
    },
    forget: {
      title: `Forget ${partitions}`,
      verb: 'Forget it',
      colour: 'red.9',
      placeholder: 'The source was wrong that day.',
      children: (
        <Text size="sm">
          It counts as missing from then on, and what reads it as stale. Its rows stay, and nobody reads them.
        </Text>
      ),
      preview: (_, signal) => preview('/forget', {partitions, reason: ASKING}, signal),
      act: async ({reason, by}) => {
        const body: CorrectionBody = {partitions, reason, ...(by && {by})};
        await act('/forget', body, `${partitions} is forgotten.`);
      },
    },
  };
}
