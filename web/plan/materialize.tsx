/**
 * Shows the exact plan once more and asks once; says what differs where it is no longer the plan that was shown.
 * It does not deal with running it: the server does that in a process of its own.
 */
import {Alert, Button, Group, Modal, SegmentedControl, Stack, Switch, Text, Textarea} from '@mantine/core';
import {IconAlertTriangle, IconRefresh} from '@tabler/icons-react';
import {useMutation} from '@tanstack/react-query';
import {useState} from 'react';
import {useLocation} from 'wouter';
import {counted} from '../../planner/amount.ts';
import type {PlanBody, StartBody} from '../../server/schema/plan.ts';
import {runAddress} from '../addresses.ts';
import {pathOf, post, Refused} from '../api.ts';
import {ActionButton} from '../parts/action-button.tsx';
import {BoxedRows} from '../parts/virtual-rows.tsx';
import {ActionBadge} from './action-badge.tsx';
import {GroupRow} from './group-row.tsx';
import {DONE, madeBy} from './groups.ts';
import {needsReason} from './question.ts';

export function MaterializeModal({
  plan,
  onClose,
  onAnew,
}: {
  /** As it was shown; undefined while nothing is asked. */
  readonly plan: PlanBody | undefined;
  readonly onClose: () => void;
  readonly onAnew: () => void;
}) {
  return (
    <Modal
      opened={plan !== undefined}
      onClose={onClose}
      size="xl"
      title={
        <Text fw={650}>{plan === undefined ? '' : `Materialize ${counted(madeBy(plan), 'partition')}`}</Text>
      }
    >
      {plan !== undefined && <Question key={plan.id} plan={plan} onClose={onClose} onAnew={onAnew} />}
    </Modal>
  );
}

function Question({
  plan,
  onClose,
  onAnew,
}: {
  readonly plan: PlanBody;
  readonly onClose: () => void;
  readonly onAnew: () => void;
}) {
  const [, navigate] = useLocation();
  const [settings, setSettings] = useState<StartBody>({});
  const set = (part: StartBody) => setSettings(before => ({...before, ...part}));
  const start = useMutation({
    mutationFn: (body: StartBody) => post<{run: string}>(`${pathOf('plans', plan.id)}/materialize`, body),
    onSuccess: ({run}) => navigate(runAddress(run)),
  });
  const isReasonAsked = needsReason(plan.question);
  const reason = settings.reason?.trim() ?? '';
  // It does not hold any more, or is not known any more, as by a server that was started anew.
  const isStale = start.error instanceof Refused && [404, 409].includes(start.error.status);
  return (
    <Stack gap="md">
      <Listed plan={plan} />
      {plan.estimate !== '' && <Text size="sm">{plan.estimate}</Text>}
      {plan.follows.map(text => (
        <Text key={text} size="sm">
          {text}
        </Text>
      ))}
      <Settings settings={settings} set={set} isReasonAsked={isReasonAsked} />
      {start.error !== null && <Trouble error={start.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        {isStale ? (
          <Button leftSection={<IconRefresh size={16} aria-hidden />} onClick={onAnew}>
            Plan anew
          </Button>
        ) : (
          <ActionButton
            why={
              isReasonAsked && reason === ''
                ? 'Say why first: this plan overrides what was decided.'
                : undefined
            }
            loading={start.isPending || start.isSuccess}
            onClick={() => start.mutate({...settings, ...(reason === '' ? {} : {reason})})}
          >
            Materialize {counted(madeBy(plan), 'partition')}
          </ActionButton>
        )}
      </Group>
    </Stack>
  );
}

/** What is made, and what of the plan is not. */
function Listed({plan}: {readonly plan: PlanBody}) {
  const made = plan.groups.filter(({action}) => DONE.some(each => each === action));
  const {wait, skip} = plan.actions;
  return (
    <div>
      <Group gap="lg" mb="xs" fz="sm">
        {DONE.filter(action => plan.actions[action] > 0).map(action => (
          <ActionBadge key={action} action={action} count={plan.actions[action]} />
        ))}
        {wait + skip > 0 && (
          <span className="quiet">{counted(wait + skip, 'partition')} of the plan will not be made now</span>
        )}
      </Group>
      <BoxedRows
        label="What is made"
        count={made.length}
        estimate={64}
        height="min(36dvh, 340px)"
        keyOf={index => index}
        row={index => {
          const group = made[index];
          return group === undefined ? null : <GroupRow group={group} isNarrow />;
        }}
      />
    </div>
  );
}

function Settings({
  settings,
  set,
  isReasonAsked,
}: {
  readonly settings: StartBody;
  readonly set: (part: StartBody) => void;
  readonly isReasonAsked: boolean;
}) {
  return (
    <Stack gap="sm">
      <Group gap="lg">
        <SegmentedControl
          size="xs"
          aria-label="Order"
          value={settings.order ?? 'oldest'}
          onChange={order => set({order: order === 'newest' ? 'newest' : 'oldest'})}
          data={[
            {value: 'oldest', label: 'Oldest first'},
            {value: 'newest', label: 'Newest first'},
          ]}
        />
        <Switch
          size="sm"
          label="Stop at the first failure"
          checked={settings.failFast ?? false}
          onChange={event => set({failFast: event.currentTarget.checked})}
        />
        <Switch
          size="sm"
          label="Season by season"
          checked={settings.bySeason ?? false}
          onChange={event => set({bySeason: event.currentTarget.checked})}
        />
      </Group>
      <Textarea
        label={isReasonAsked ? 'Why' : 'Why (kept with the run)'}
        required={isReasonAsked}
        placeholder={isReasonAsked ? 'This plan overrides what was decided: say why, for the record.' : ''}
        autosize
        minRows={1}
        maxLength={500}
        value={settings.reason ?? ''}
        onChange={event => set({reason: event.currentTarget.value})}
      />
    </Stack>
  );
}

function Trouble({error}: {readonly error: Error}) {
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={error.message} role="alert">
      {error instanceof Refused && error.details !== undefined && (
        <pre className="empty-details">{error.details}</pre>
      )}
    </Alert>
  );
}
