/**
 * What a partition was or will be made of, back to the root, as a tree that opens.
 * It does not deal with what depends on it (partition-facts.tsx).
 */
import {ActionIcon, Anchor} from '@mantine/core';
import {IconChevronDown, IconChevronRight, IconPointFilled} from '@tabler/icons-react';
import {useId, useState} from 'react';
import {Link} from 'wouter';
import {counted} from '../../planner/amount.ts';
import {STATES} from '../../planner/state.ts';
import {tierOf} from '../../planner/tier.ts';
import type {InputBody, PartitionBody} from '../../server/schema/partition.ts';
import {coneAddress, partitionsAddress} from '../addresses.ts';
import {PartitionName} from '../parts/partition-name.tsx';
import {Section} from '../parts/section.tsx';
import {StateBadge, TierBadge} from '../parts/state-badge.tsx';
import {TimeText} from '../parts/time-text.tsx';

export function Inputs({partition: {inputs, asset, key}}: {readonly partition: PartitionBody}) {
  if (inputs.length === 0) return null;
  return (
    <Section
      title="Reads"
      aside={
        <>
          <Anchor component={Link} href={coneAddress(asset, key)} inherit>
            all of it in the graph
          </Anchor>
          {counted(inputs.length, 'direct input')}
        </>
      }
    >
      {/* Another partition's tree begins closed again. */}
      <ul className="partition-tree" key={`${asset}@${key}`}>
        {inputs.map(input => (
          <Input key={input.edge} input={input} isOpenAtFirst={inputs.length <= 4} />
        ))}
      </ul>
    </Section>
  );
}

function Input({input, isOpenAtFirst}: {readonly input: InputBody; readonly isOpenAtFirst: boolean}) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const id = useId();
  const hasOwn = input.inputs !== null && input.inputs.length > 0;
  return (
    <li>
      <div className="partition-input">
        {hasOwn ? (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-expanded={isOpen}
            aria-controls={id}
            aria-label={`What ${input.asset} reads`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          </ActionIcon>
        ) : (
          <IconPointFilled size={10} className="quiet" style={{margin: '6px 7px'}} aria-hidden />
        )}
        <div>
          <Line input={input} />
        </div>
      </div>
      {hasOwn && isOpen && (
        <ul id={id}>
          {input.inputs?.map(own => (
            <Input key={own.edge} input={own} isOpenAtFirst={false} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Line({input}: {readonly input: InputBody}) {
  const {edge, asset, window, count, keys, ranges, states, version, rows, publishedAt, score, inputs} = input;
  const [only] = keys;
  const isOne = count === 1 && only !== undefined;
  // What is not there scores 0: its state says that already.
  const isPublished = (states.fresh ?? 0) + (states.stale ?? 0) + (states.partial ?? 0) > 0;
  return (
    <>
      <div className="partition-input-line">
        {isOne ? (
          <PartitionName asset={asset} partitionKey={only} isStrong />
        ) : (
          <Anchor component={Link} href={partitionsAddress(input.partitions)} inherit fw={550}>
            {asset}
          </Anchor>
        )}
        {STATES.filter(state => (states[state] ?? 0) > 0).map(state => (
          <StateBadge key={state} look={state} count={isOne ? undefined : states[state]} />
        ))}
        {isPublished && score !== null && <TierBadge tier={tierOf(score)} score={score} />}
        {count === 0 && <span className="quiet">reads nothing</span>}
      </div>
      <div className="partition-input-facts">
        {edge !== asset && <span>as {edge}</span>}
        {window !== '' && <span>{window}</span>}
        {!isOne && count > 0 && <span>{ranges}</span>}
        {rows !== null && <span>{counted(rows, 'row')}</span>}
        {version !== null && (
          <span>
            version <code className="partition-version">{version}</code>
          </span>
        )}
        {publishedAt !== null && (
          <span>
            {isOne ? '' : 'last '}made <TimeText at={publishedAt} />
          </span>
        )}
        {inputs === null && <span>its inputs are told above</span>}
      </div>
    </>
  );
}
