/**
 * What a plan comes to: how many partitions have which action (each a filter), and what else is to be known of it.
 * It does not deal with its groups.
 */
import './summary.css';
import {ActionIcon, Alert, Code, CopyButton, Group, Text, Tooltip, UnstyledButton} from '@mantine/core';
import {IconCheck, IconCopy, IconInfoCircle} from '@tabler/icons-react';
import {number} from '../../planner/amount.ts';
import {ACTIONS, type Action, STATES} from '../../planner/state.ts';
import type {PlanBody} from '../../server/schema/plan.ts';
import {StateBadge} from '../parts/state-badge.tsx';
import {ActionBadge} from './action-badge.tsx';
import {ACTION_MEANS} from './groups.ts';

export function PlanSummary({
  plan,
  action,
  onAction,
}: {
  readonly plan: PlanBody;
  /** The one that is shown alone. */
  readonly action: Action | null;
  readonly onAction: (action: Action | null) => void;
}) {
  return (
    <section aria-label="What the plan comes to">
      <div className="plan-summary">
        {ACTIONS.map(each => (
          <Tooltip key={each} label={ACTION_MEANS[each]} openDelay={300} withArrow>
            <UnstyledButton
              className="plan-summary-tile"
              aria-pressed={action === each}
              aria-disabled={plan.actions[each] === 0 || undefined}
              onClick={() => plan.actions[each] > 0 && onAction(action === each ? null : each)}
            >
              <span className="plan-summary-count">{number(plan.actions[each])}</span>
              <ActionBadge action={each} />
            </UnstyledButton>
          </Tooltip>
        ))}
      </div>
      <Group gap="md" fz="sm" mt="sm" style={{rowGap: 4}}>
        <Text size="sm" className="quiet">
          Now:
        </Text>
        {STATES.filter(state => plan.states[state] > 0).map(state => (
          <StateBadge key={state} look={state} count={plan.states[state]} />
        ))}
      </Group>
    </section>
  );
}

/** What takes how long, what is left out, and what may still come. */
export function PlanFacts({plan}: {readonly plan: PlanBody}) {
  const facts = [
    ...(plan.estimate === '' ? [] : [plan.estimate]),
    ...plan.jobs,
    ...plan.leftOut,
    ...plan.follows,
  ];
  return (
    <>
      {!plan.isSettled && (
        <Alert variant="light" color="blue" icon={<IconInfoCircle aria-hidden />}>
          Keys may be added: what the calendar is read from is made first, and the run plans again after that.
        </Alert>
      )}
      {facts.length > 0 && (
        <ul className="plan-facts">
          {facts.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </>
  );
}

export function PlanCommand({command}: {readonly command: string}) {
  return (
    <div className="plan-command">
      <Code className="plan-command-text">{command}</Code>
      <CopyButton value={command}>
        {({copied, copy}) => (
          <Tooltip label={copied ? 'Copied' : 'Copy the command'} withArrow>
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label="Copy the command">
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
