/**
 * One group of a plan: what is done with which partitions of an asset, and why.
 * It does not deal with each of its keys (keys-drawer.tsx).
 */
import './group-row.css';
import {Anchor, UnstyledButton} from '@mantine/core';
import {memo} from 'react';
import {Link} from 'wouter';
import {counted, number} from '../../planner/amount.ts';
import type {PlanGroupBody} from '../../server/schema/plan.ts';
import {assetAddress} from '../addresses.ts';
import {Name} from '../parts/name.tsx';
import {StateBadge} from '../parts/state-badge.tsx';
import {ActionBadge} from './action-badge.tsx';

export const GroupRow = memo(function GroupRow({
  group,
  isNarrow = false,
  onKeys,
}: {
  readonly group: PlanGroupBody;
  /** In a box that is never as wide as the page. */
  readonly isNarrow?: boolean;
  /** Without it the row cannot be opened. */
  readonly onKeys?: ((group: PlanGroupBody) => void) | undefined;
}) {
  const {asset, action, state, count, ranges, reasons, notes} = group;
  return (
    <div className={isNarrow ? 'plan-group plan-group-narrow' : 'plan-group'}>
      <div className="plan-group-what">
        <ActionBadge action={action} />
        <StateBadge look={state} />
      </div>
      <div className="plan-group-asset">
        <Anchor component={Link} href={assetAddress(asset)} fw={600} fz="sm">
          <Name text={asset} />
        </Anchor>
      </div>
      <div className="plan-group-count number">
        {onKeys === undefined ? (
          number(count)
        ) : (
          <UnstyledButton
            className="plan-group-keys"
            onClick={() => onKeys(group)}
            aria-label={`Show ${counted(count, 'partition')} of ${asset}`}
          >
            {number(count)}
          </UnstyledButton>
        )}
      </div>
      <div className="plan-group-why">
        <div className="plan-group-ranges">{ranges}</div>
        {reasons.map(({kind, text}) => (
          <div key={kind + text}>{text}</div>
        ))}
        {notes.map(({kind, text}) => (
          <div key={kind + text} className="plan-group-note">
            {text}
          </div>
        ))}
      </div>
    </div>
  );
});

export function GroupHead() {
  return (
    <div className="plan-group plan-group-head" aria-hidden>
      <div>Action and state</div>
      <div>Asset</div>
      <div className="number">Partitions</div>
      <div>Which, and why</div>
    </div>
  );
}
