/**
 * The plan: what is asked, what would be done and why, and the button that does it.
 * It does not deal with how a plan is made: the server's planner does.
 */
import {Alert, Button, Group, Stack, Text, Title} from '@mantine/core';
import {IconCircleCheck, IconPlayerPlay, IconRefresh} from '@tabler/icons-react';
import {useQuery} from '@tanstack/react-query';
import {useMemo, useState} from 'react';
import {useSearchParams} from 'wouter';
import {counted} from '../../planner/amount.ts';
import type {PlanBody, QuestionBody} from '../../server/schema/plan.ts';
import {post} from '../api.ts';
import {useChosen} from '../chosen.ts';
import {useLive} from '../live.tsx';
import {ActionButton, whyNoChange} from '../parts/action-button.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {TimeText} from '../parts/time-text.tsx';
import {QuestionForm} from '../plan/form.tsx';
import {actionIn, madeBy, whyNothing} from '../plan/groups.ts';
import {ListedPlan} from '../plan/listed.tsx';
import {MaterializeModal} from '../plan/materialize.tsx';
import {questionOf, readDraft, writeDraft} from '../plan/question.ts';
import {PlanCommand, PlanFacts, PlanSummary} from '../plan/summary.tsx';

export function PlanPage() {
  const [params, setParams] = useSearchParams();
  const {axes} = useLive();
  const draft = useMemo(() => readDraft(params), [params]);
  const {question, mistakes} = useMemo(() => questionOf(draft, [...axes.values()]), [draft, axes]);
  const {plan, isOld} = usePlan(question);
  const asked = writeDraft(draft).toString();
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="xs">
        <Title order={1} size="h2">
          Plan
        </Title>
        {plan.data !== undefined && <PlanCommand command={plan.data.command} />}
      </Group>
      <QuestionForm
        key={asked}
        start={draft}
        mistakes={mistakes}
        isAsking={plan.isFetching}
        onAsk={next => {
          const written = writeDraft(next);
          if (written.toString() === asked) void plan.refetch();
          else {
            const view = params.get('view');
            if (view !== null) written.set('view', view);
            setParams(written);
          }
        }}
      />
      {plan.error !== null && question !== undefined ? (
        <Failed error={plan.error} retry={() => void plan.refetch()} />
      ) : plan.data === undefined ? (
        question !== undefined && <Awaited height={360} lines={6} of="the plan" />
      ) : (
        <Planned plan={plan.data} isOld={isOld} onAnew={() => void plan.refetch()} />
      )}
    </Stack>
  );
}

/** Made once for an address, and anew when it is asked for. */
function usePlan(question: QuestionBody | undefined) {
  const {sequence} = useLive();
  const {data, error, isFetching, refetch} = useQuery({
    queryKey: ['plan', JSON.stringify(question)],
    queryFn: () => post<PlanBody>('/plans', question),
    enabled: question !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return {
    plan: {data: question === undefined ? undefined : data, error, isFetching, refetch},
    isOld: data !== undefined && data.sequence < sequence,
  };
}

function Planned({
  plan,
  isOld,
  onAnew,
}: {
  readonly plan: PlanBody;
  /** Something was recorded since. */
  readonly isOld: boolean;
  readonly onAnew: () => void;
}) {
  const {of, choose} = useChosen();
  const {pipeline} = useLive();
  const [asked, setAsked] = useState<PlanBody>();
  const anew = () => {
    setAsked(undefined);
    onAnew();
  };
  if (plan.groups.length === 0)
    return (
      <>
        {countOf(plan) === 0 ? (
          <Empty title="No partition is selected">
            None of the selected assets has a partition with these keys, dates or seasons.
          </Empty>
        ) : (
          <Empty title="Nothing to do" icon={<IconCircleCheck size={28} stroke={1.5} />}>
            All that is selected is up to date: what is declared was compared with what is recorded, key by
            key.
          </Empty>
        )}
        <PlanFacts plan={plan} />
      </>
    );
  return (
    <>
      <PlanSummary
        plan={plan}
        action={actionIn(of('action'))}
        onAction={action => choose({action: action ?? ''})}
      />
      <PlanFacts plan={plan} />
      {isOld && <Old at={plan.now} onAnew={anew} />}
      <ListedPlan plan={plan} />
      <div className="plan-bar">
        <Text size="sm">
          {counted(madeBy(plan), 'partition')} to make
          {plan.actions['run-if'] > 0 && <span className="quiet">, some only if what they read changes</span>}
        </Text>
        <ActionButton
          why={whyNoChange(pipeline) ?? whyNothing(plan)}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => setAsked(plan)}
        >
          Materialize these {counted(madeBy(plan), 'partition')}
        </ActionButton>
      </div>
      <MaterializeModal plan={asked} onClose={() => setAsked(undefined)} onAnew={anew} />
    </>
  );
}

function countOf({states}: PlanBody): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0);
}

function Old({at, onAnew}: {readonly at: number; readonly onAnew: () => void}) {
  return (
    <Alert variant="light" color="gray" icon={<IconRefresh aria-hidden />} p="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          The ledger has gone on since this was planned <TimeText at={at} />.
        </Text>
        <Button size="compact-sm" variant="default" onClick={onAnew}>
          Plan anew
        </Button>
      </Group>
    </Alert>
  );
}
