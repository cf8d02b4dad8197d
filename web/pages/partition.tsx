/**
 * One partition: all that `gameplan explain` says of it, and what can be done about it.
 * It does not deal with its buttons (partition-actions.tsx), its inputs (partition-inputs.tsx) nor its past
 * (partition-history.tsx).
 */
import './partition.css';
import {ActionIcon, Anchor, Breadcrumbs, Button, Group, Text, Title, Tooltip} from '@mantine/core';
import {IconChevronLeft, IconChevronRight} from '@tabler/icons-react';
import {Link} from 'wouter';
import {counted} from '../../planner/amount.ts';
import type {PartitionBody} from '../../server/schema/partition.ts';
import {assetAddress, partitionAddress, runAddress} from '../addresses.ts';
import {get, pathOf, Refused} from '../api.ts';
import {keyInWords} from '../format.ts';
import {useLedger, useLive} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {FirstOf} from '../parts/first-of.tsx';
import {Name} from '../parts/name.tsx';
import {Linked, Reasons} from '../parts/reasons.tsx';
import {Section} from '../parts/section.tsx';
import {StateBadge} from '../parts/state-badge.tsx';
import {PartitionActions} from './partition-actions.tsx';
import {Dependents, Made, Trusted} from './partition-facts.tsx';
import {Attempts, HeldRows, Tries} from './partition-history.tsx';
import {Inputs} from './partition-inputs.tsx';

export function PartitionPage({
  asset,
  partitionKey,
}: {
  readonly asset: string;
  readonly partitionKey: string;
}) {
  const path = pathOf('partitions', asset, partitionKey);
  const {data, error, refetch} = useLedger(path, () => get<PartitionBody>(path));
  const isOther = data !== undefined && (data.asset !== asset || data.key !== partitionKey);
  const isAbsent = error instanceof Refused && error.status === 404;
  return (
    <div className="partition">
      <Head asset={asset} partitionKey={partitionKey} />
      {isAbsent ? (
        <Empty title={`There is no partition ${asset}@${partitionKey}`}>
          <Anchor component={Link} href={assetAddress(asset)} inherit underline="always">
            {asset}
          </Anchor>{' '}
          lists those that there are.
        </Empty>
      ) : error !== null && (data === undefined || isOther) ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Awaited height={480} lines={4} of="the partition" />
      ) : (
        // Of another partition only until this one's answer is there.
        <div className="partition-body" data-other={isOther || undefined} aria-busy={isOther} inert={isOther}>
          <Body key={`${data.asset}@${data.key}`} partition={data} />
        </div>
      )}
    </div>
  );
}

function Head({asset, partitionKey}: {readonly asset: string; readonly partitionKey: string}) {
  const {pipeline, axes} = useLive();
  const declared = pipeline.assets.find(each => each.asset === asset);
  const keys = axes.get(declared?.axis ?? '')?.keys ?? [];
  const at = keys.indexOf(partitionKey);
  return (
    <div>
      <Breadcrumbs separatorMargin={6} fz="sm">
        <Anchor component={Link} href="/" inherit>
          Overview
        </Anchor>
        <Anchor component={Link} href={assetAddress(asset)} inherit>
          {asset}
        </Anchor>
      </Breadcrumbs>
      <Group gap="xs" mt={4} wrap="nowrap" align="flex-start">
        <div className="partition-name">
          <Title order={1} className="partition-title">
            <Name text={asset} />
            <wbr />
            <span className="partition-key">
              <span className="quiet">@</span>
              {partitionKey}
            </span>
          </Title>
          <Text size="sm" className="quiet">
            {[keyInWords(partitionKey), declared?.description]
              .filter(text => text !== partitionKey && text)
              .join(' · ')}
          </Text>
        </div>
        {keys.length > 1 && (
          <Group gap={4} wrap="nowrap">
            <Neighbour asset={asset} to={keys[at - 1]} word="Earlier" />
            <Neighbour asset={asset} to={at < 0 ? undefined : keys[at + 1]} word="Later" />
          </Group>
        )}
      </Group>
    </div>
  );
}

function Neighbour({
  asset,
  to,
  word,
}: {
  readonly asset: string;
  readonly to: string | undefined;
  readonly word: 'Earlier' | 'Later';
}) {
  const Icon = word === 'Earlier' ? IconChevronLeft : IconChevronRight;
  if (to === undefined)
    return (
      <ActionIcon variant="default" size="lg" disabled aria-label={`${word}: there is none`}>
        <Icon size={18} aria-hidden />
      </ActionIcon>
    );
  return (
    <Tooltip label={`${word}: ${to}`}>
      <ActionIcon
        component={Link}
        href={partitionAddress(asset, to)}
        variant="default"
        size="lg"
        aria-label={`${word}: ${to}`}
      >
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function Body({partition}: {readonly partition: PartitionBody}) {
  return (
    <>
      <Standing partition={partition} />
      <div className="partition-columns">
        <div className="partition-column">
          <Next partition={partition} />
          <Inputs partition={partition} />
          <Tries partition={partition} />
          <Attempts partition={partition} />
        </div>
        <div className="partition-column">
          <Made partition={partition} />
          <Trusted partition={partition} />
          <HeldRows partition={partition} />
          <Dependents partition={partition} />
        </div>
      </div>
    </>
  );
}

/** What it is, why, and what can be done. */
function Standing({partition}: {readonly partition: PartitionBody}) {
  const {state, action, holder, reasons, notes} = partition;
  return (
    <section className="partition-standing" aria-label="State" data-state={state}>
      <Group gap="md" align="center">
        <Text fz="lg" fw={650} component="div">
          <StateBadge look={state} />
        </Text>
        {holder !== null && (
          <Button
            component={Link}
            href={runAddress(holder)}
            size="compact-sm"
            variant="light"
            color="teal"
            leftSection={<span className="partition-pulse" aria-hidden />}
          >
            made now by run {holder}
          </Button>
        )}
        <Text size="sm" className="quiet">
          {action === null ? 'nothing to do' : `next run: ${ACTION_WORDS[action]}`}
        </Text>
      </Group>
      {reasons.length + notes.length > 0 ? (
        <Reasons reasons={reasons} notes={notes} />
      ) : (
        <Text size="sm" className="quiet">
          {state === 'fresh'
            ? 'Its definition and its inputs are as they were when it was made.'
            : 'No reason is written down.'}
        </Text>
      )}
      <PartitionActions partition={partition} />
    </section>
  );
}

const ACTION_WORDS: Readonly<Record<NonNullable<PartitionBody['action']>, string>> = {
  run: 'materializes it',
  'run-if': 'materializes it if an input changes',
  wait: 'waits',
  skip: 'skips it',
  drop: 'drops it',
};

/** What has to happen until it is up to date. */
function Next({partition: {steps}}: {readonly partition: PartitionBody}) {
  if (steps.length === 0) return null;
  return (
    <Section title="What has to happen" aside={counted(steps.length, 'step')}>
      <FirstOf all={steps} most={12} noun="step">
        {shown => (
          <ol className="partition-steps">
            {shown.map(step => (
              <li key={step}>
                <Linked text={step} />
              </li>
            ))}
          </ol>
        )}
      </FirstOf>
    </Section>
  );
}
