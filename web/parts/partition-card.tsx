/**
 * What is said of a partition in passing: its state and why, where its rows came from, and how good they are.
 * It asks once the pointer has rested. It does not deal with all that its own page tells.
 */
import {Group, Stack, Text} from '@mantine/core';
import {type ReactNode, useEffect, useState} from 'react';
import {counted, percent, scoreText} from '../../planner/amount.ts';
import type {TryOutcome} from '../../planner/coverage-event.ts';
import type {PartitionBody} from '../../server/schema/partition.ts';
import {get, pathOf} from '../api.ts';
import {keyInWords} from '../format.ts';
import {useLedger, useLive} from '../live.tsx';
import {lookOf} from '../looks.ts';
import {StateBadge} from './state-badge.tsx';
import {TimeText} from './time-text.tsx';

export function PartitionCard({
  asset,
  partitionKey,
  children,
}: {
  readonly asset: string;
  readonly partitionKey: string;
  /** What is said of it where it is shown, beside its state. */
  readonly children?: ReactNode;
}) {
  const {strips, axes, pipeline} = useLive();
  const axis = axes.get(pipeline.assets.find(each => each.asset === asset)?.axis ?? '');
  const byte = strips.get(asset)?.[axis?.keys.indexOf(partitionKey) ?? -1];
  const isRested = useRested(`${asset}@${partitionKey}`);
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="md" wrap="nowrap" fz="sm">
        <Text size="sm" fw={600}>
          {keyInWords(partitionKey)}
        </Text>
        <Group gap="sm" wrap="nowrap">
          {children}
          {byte !== undefined && <StateBadge look={lookOf(byte)} />}
        </Group>
      </Group>
      {isRested ? (
        <Told asset={asset} partitionKey={partitionKey} />
      ) : (
        <Text size="xs" className="quiet">
          …
        </Text>
      )}
    </Stack>
  );
}

/** True once `what` has stayed the same for a moment. */
function useRested(what: string): boolean {
  const [rested, setRested] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setRested(what), 140);
    return () => clearTimeout(timer);
  }, [what]);
  return rested === what;
}

function Told({asset, partitionKey}: {readonly asset: string; readonly partitionKey: string}) {
  const path = `/partitions${pathOf(asset, partitionKey)}`;
  const {data, error} = useLedger(path, () => get<PartitionBody>(path));
  if (error !== null)
    return (
      <Text size="xs" role="alert">
        {error.message}
      </Text>
    );
  // What was told of the one before is not told of this one.
  if (data === undefined || data.key !== partitionKey || data.asset !== asset)
    return (
      <Text size="xs" className="quiet">
        …
      </Text>
    );
  const {publication, quality, tries, reasons} = data;
  const sources = sourcesOf(tries);
  const facts = [
    publication === null ? undefined : counted(publication.rows, 'row'),
    publication?.games == null
      ? undefined
      : `${publication.games.found} of ${counted(publication.games.expected, 'game')} (${percent(publication.games.found, publication.games.expected)})`,
    typeof quality?.score === 'number'
      ? `quality ${scoreText(quality.score)} ${quality.tier ?? ''}`.trim()
      : undefined,
    sources.length === 0 ? undefined : `from ${sources.join(' and ')}`,
  ].filter(fact => fact !== undefined);
  return (
    <>
      {reasons.slice(0, 3).map(({kind, text}) => (
        <Text key={kind + text} size="xs">
          {text}
        </Text>
      ))}
      {facts.length > 0 && (
        <Text size="xs" className="quiet">
          {facts.join(' · ')}
        </Text>
      )}
      {publication !== null && (
        <Text size="xs" className="quiet">
          published <TimeText at={publication.publishedAt} />
        </Text>
      )}
    </>
  );
}

/** Those that the rows came from when they were asked last. */
function sourcesOf(tries: PartitionBody['tries']): readonly string[] {
  const latest = tries.reduce((most, {at}) => Math.max(most, at), 0);
  const run = tries.find(({at}) => at === latest)?.run;
  const giving = tries.filter(each => each.run === run && GAVE.includes(each.outcome));
  return [...new Set(giving.map(({source}) => source))];
}

const GAVE: readonly TryOutcome[] = ['covered', 'partial'];
