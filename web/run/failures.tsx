/**
 * What went wrong in a run, alike failures together.
 * It does not deal with single attempts (attempts.tsx).
 */
import './failures.css';
import {Anchor, Button, Group, Text} from '@mantine/core';
import {useState} from 'react';
import {Link} from 'wouter';
import {counted, number} from '../../planner/amount.ts';
import type {FailureBody} from '../../server/schema/run.ts';
import {partitionAddress} from '../addresses.ts';
import {Linked} from '../parts/reasons.tsx';
import {OutcomeBadge} from '../parts/state-badge.tsx';

export function Failures({failures}: {readonly failures: readonly FailureBody[]}) {
  return (
    <ul className="failures">
      {failures.map(failure => (
        <li key={failure.outcome + failure.cause} className="failures-cause">
          <Cause failure={failure} />
        </li>
      ))}
    </ul>
  );
}

const FEW = 6;

function Cause({failure: {cause, outcome, count, assets, first}}: {readonly failure: FailureBody}) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? first : first.slice(0, FEW);
  return (
    <>
      <Group gap="md" style={{rowGap: 2}}>
        <OutcomeBadge outcome={outcome} count={count} />
        <Text size="sm" className="quiet">
          {assets.length === 1 ? assets[0] : counted(assets.length, 'asset')}
        </Text>
      </Group>
      <div className="failures-text">
        <Linked text={cause} />
      </div>
      <div className="failures-partitions">
        {shown.map(partition => (
          <Partition key={partition} name={partition} isAssetKnown={assets.length === 1} />
        ))}
        {first.length > FEW && (
          <Button variant="subtle" size="compact-xs" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
            {isOpen ? 'fewer' : `${number(first.length - FEW)} more`}
          </Button>
        )}
        {isOpen && count > first.length && (
          <Text size="xs" className="quiet">
            and {number(count - first.length)} that the attempts below list
          </Text>
        )}
      </div>
    </>
  );
}

/** `asset@key`; the key alone where the asset was said already. */
function Partition({name, isAssetKnown}: {readonly name: string; readonly isAssetKnown: boolean}) {
  const at = name.lastIndexOf('@');
  const [asset, key] = [name.slice(0, at), name.slice(at + 1)];
  return (
    <Anchor component={Link} href={partitionAddress(asset, key)} fz="xs" className="failures-partition">
      {isAssetKnown ? key : name}
    </Anchor>
  );
}
