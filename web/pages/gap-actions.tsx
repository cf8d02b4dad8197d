/**
 * What can be done about gaps: heal, report, sign off, take back, plan.
 * It does not deal with what the gaps are (gap-groups.tsx).
 */
import {Button, CloseButton, CopyButton, Group, Popover, Stack, Text} from '@mantine/core';
import {notifications} from '@mantine/notifications';
import {IconBandage, IconClipboardCopy, IconDownload, IconFileText, IconListCheck} from '@tabler/icons-react';
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {useLocation} from 'wouter';
import {counted} from '../../planner/amount.ts';
import type {
  AcceptanceBody,
  CorrectionBody,
  DoneBody,
  GapGroupBody,
  HealingBody,
} from '../../server/schema/gap.ts';
import {planAddress, runAddress} from '../addresses.ts';
import {getText, post} from '../api.ts';
import {useLive} from '../live.tsx';
import {ActionButton, whyNoChange} from '../parts/action-button.tsx';
import type {Question} from '../parts/reason-modal.tsx';
import type {Chosen} from './gap-groups.tsx';

/** Of all gaps: heal now, and the report. */
export function GapActions({select}: {readonly select: string}) {
  const {pipeline} = useLive();
  const [, go] = useLocation();
  const [isBusy, setBusy] = useState(false);
  const heal = async () => {
    setBusy(true);
    try {
      const {run, text} = await post<HealingBody>('/heal');
      if (run !== null) go(runAddress(run));
      else notifications.show({message: text.trim() || 'Nothing is to be healed now.', autoClose: 8000});
    } catch (error) {
      notifications.show({color: 'red', message: error instanceof Error ? error.message : String(error)});
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group gap="xs">
      <Report select={select} />
      <ActionButton
        why={whyNoChange(pipeline)}
        loading={isBusy}
        leftSection={<IconBandage size={16} aria-hidden />}
        onClick={() => void heal()}
      >
        Heal now
      </ActionButton>
    </Group>
  );
}

/** The coverage tracker as Markdown; fetched when it is asked for. */
function Report({select}: {readonly select: string}) {
  const [isOpen, setOpen] = useState(false);
  const {pipeline} = useLive().pipeline;
  const {data, error} = useQuery({
    queryKey: ['ledger', '/gaps/report', select],
    queryFn: () => getText('/gaps/report', {select}),
    enabled: isOpen,
  });
  const isReady = data !== undefined;
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withinPortal={false} trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconFileText size={16} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
        >
          Report
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label="Report">
        <Stack gap={4} align="stretch">
          {error !== null && <Text size="sm">{error.message}</Text>}
          <CopyButton value={data ?? ''}>
            {({copied, copy}) => (
              <Button
                variant="subtle"
                size="compact-sm"
                justify="flex-start"
                loading={!isReady && error === null}
                disabled={error !== null}
                leftSection={<IconClipboardCopy size={16} aria-hidden />}
                onClick={copy}
              >
                {copied ? 'Copied' : 'Copy as Markdown'}
              </Button>
            )}
          </CopyButton>
          <Button
            variant="subtle"
            size="compact-sm"
            justify="flex-start"
            loading={!isReady && error === null}
            disabled={error !== null}
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => download(`coverage-${pipeline}.md`, data ?? '')}
          >
            Download as Markdown
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], {type: 'text/markdown'}));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** Of those that are chosen; stays in sight at the lower edge. */
export function GapChoice({
  chosen,
  standing,
  file,
  ask,
  onClear,
}: {
  readonly chosen: Chosen;
  readonly standing: 'open' | 'accepted';
  readonly file: string | null;
  readonly ask: (kind: 'accept' | 'reopen', groups: readonly GapGroupBody[]) => void;
  readonly onClear: () => void;
}) {
  const {pipeline} = useLive();
  const [, go] = useLocation();
  const groups = [...chosen.values()];
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const assets = [...new Set(groups.map(({asset}) => asset))];
  const none = groups.length === 0 ? 'Nothing is chosen.' : undefined;
  const noFile =
    file === null ? 'The manifest names no file of accepted gaps (known_gaps) for this target.' : undefined;
  const noChange = whyNoChange(pipeline) ?? noFile ?? none;
  return (
    <div className="gaps-choice" data-any={groups.length > 0 || undefined}>
      <Text size="sm" aria-live="polite">
        {groups.length === 0
          ? 'Choose gaps to sign them off or to plan them.'
          : `${counted(count, 'partition')} chosen`}
      </Text>
      {groups.length > 0 && <CloseButton size="sm" aria-label="Choose none" onClick={onClear} />}
      <Group gap="xs" ml="auto">
        <ActionButton
          why={none}
          size="xs"
          variant="default"
          leftSection={<IconListCheck size={15} aria-hidden />}
          onClick={() =>
            go(
              planAddress({
                select: assets.join(' '),
                keys: [
                  ...new Set(groups.flatMap(({partitions}) => partitions.split('@')[1]?.split(',') ?? [])),
                ].join(','),
              }),
            )
          }
        >
          Plan them
        </ActionButton>
        {standing === 'open' ? (
          <ActionButton why={noChange} size="xs" onClick={() => ask('accept', groups)}>
            Accept with a reason
          </ActionButton>
        ) : (
          <ActionButton why={noChange} size="xs" onClick={() => ask('reopen', groups)}>
            Reopen
          </ActionButton>
        )}
      </Group>
    </div>
  );
}

/** Asks once for all groups; each is written on its own. `onDone` is called once any of them is. */
export function useGapQuestions(onDone: () => Promise<void>): {
  readonly question: Question | undefined;
  readonly ask: (kind: 'accept' | 'reopen', groups: readonly Partitions[]) => void;
  readonly close: () => void;
} {
  const [question, setQuestion] = useState<Question>();
  const ask = (kind: 'accept' | 'reopen', groups: readonly Partitions[]) =>
    setQuestion(kind === 'accept' ? acceptance(groups, onDone) : reopening(groups, onDone));
  return {question, ask, close: () => setQuestion(undefined)};
}

export type Partitions = Pick<GapGroupBody, 'asset' | 'count' | 'partitions'>;

function acceptance(groups: readonly Partitions[], onDone: () => Promise<void>): Question {
  return {
    title: `Accept ${amountOf(groups)}`,
    verb: 'Accept',
    placeholder: 'No source has the rows of these games.',
    hasUntil: true,
    children: (
      <Text size="sm">
        They count as known from then on: nothing waits for them. Data that comes makes the acceptance void.
      </Text>
    ),
    act: async ({reason, by, until}) => {
      await inTurn(groups, onDone, ({partitions}) => {
        const body: AcceptanceBody = {partitions, reason, ...(by && {by}), ...(until && {until})};
        return post<DoneBody>('/gaps/accept', body);
      });
      notifications.show({message: `Accepted ${amountOf(groups)}.`});
    },
  };
}

function reopening(groups: readonly Partitions[], onDone: () => Promise<void>): Question {
  return {
    title: `Reopen ${amountOf(groups)}`,
    verb: 'Reopen',
    placeholder: 'The source has them after all.',
    children: <Text size="sm">They leave the file of accepted gaps. What is not there is a gap again.</Text>,
    act: async ({reason, by}) => {
      await inTurn(groups, onDone, ({partitions}) => {
        const body: CorrectionBody = {partitions, reason, ...(by && {by})};
        return post<DoneBody>('/gaps/reopen', body);
      });
      notifications.show({message: `Reopened ${amountOf(groups)}.`});
    },
  };
}

/** What was written before one was refused stays, and is said. */
async function inTurn(
  groups: readonly Partitions[],
  onDone: () => Promise<void>,
  act: (group: Partitions) => Promise<unknown>,
): Promise<void> {
  let done = 0;
  try {
    for (const group of groups) {
      await act(group);
      done++;
    }
  } catch (error) {
    if (done === 0) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${done} of ${groups.length} groups are written; then: ${why}`, {cause: error});
  } finally {
    if (done > 0) await onDone();
  }
}

function amountOf(groups: readonly Partitions[]): string {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const assets = [...new Set(groups.map(({asset}) => asset))];
  return `${counted(count, 'partition')} of ${assets.length === 1 ? assets[0] : counted(assets.length, 'asset')}`;
}
