/**
 * The source coverage log: what sources did not give, what stood in for them, and what became of each.
 * It does not deal with attempts (runs.tsx).
 */
import './events.css';
import {Anchor, Button, Group, SegmentedControl, Select, Text, Title} from '@mantine/core';
import {
  IconAlertTriangle,
  IconChevronLeft,
  IconChevronRight,
  IconCircleX,
  IconInfoCircle,
} from '@tabler/icons-react';
import {Link} from 'wouter';
import {number} from '../../planner/amount.ts';
import {EVENT_SEVERITY, type Severity} from '../../planner/coverage-event.ts';
import type {EventBody, EventsBody} from '../../server/schema/gap.ts';
import {runAddress} from '../addresses.ts';
import {get} from '../api.ts';
import {type Chosen, oneOf, spanOf, useChosen} from '../chosen.ts';
import {type EventGroup, groupEvents} from '../event-groups.ts';
import {useLedger} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {FilterText} from '../parts/filter-text.tsx';
import {MarkedLine, MarkedList} from '../parts/marked-list.tsx';
import {PartitionName} from '../parts/partition-name.tsx';
import {Linked} from '../parts/reasons.tsx';
import {TimeText, useNow} from '../parts/time-text.tsx';

const PAGE = 100;
const LEAST = ['info', 'warning', 'error'] as const;

export function EventsPage() {
  const chosen = useChosen();
  const {of} = chosen;
  // To the hour: what is asked stays the same while the clock goes on.
  const now = Math.floor(useNow() / 3_600_000) * 3_600_000;
  const span = spanOf(of('since'));
  const offset = Math.max(0, Number(of('offset')) || 0);
  const asked = {
    select: of('select'),
    key: of('key'),
    kind: of('kind'),
    severity: of('severity'),
    source: of('source'),
    game: of('game'),
    run: of('run'),
    since: span === undefined ? undefined : now - span,
    offset,
    limit: PAGE,
  };
  const {data, error, refetch, isPlaceholderData} = useLedger(`/events ${JSON.stringify(asked)}`, () =>
    get<EventsBody>('/events', asked),
  );
  const isFiltered = ['select', 'key', 'kind', 'severity', 'source', 'game', 'run', 'since'].some(
    name => of(name) !== '',
  );
  return (
    <div className="events">
      <div>
        <Title order={1} size="h2">
          Events
        </Title>
        <Text className="quiet" size="sm">
          What sources did not give, what stood in for them, and what became of it; the newest first.
        </Text>
      </div>
      <Filters chosen={chosen} />
      {error !== null && data === undefined ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Awaited height={400} lines={8} of="events" />
      ) : data.events.length === 0 ? (
        <Empty title={isFiltered ? 'No event is of this kind' : 'No events yet'}>
          {isFiltered
            ? 'None passes the filters above.'
            : 'Sources gave all that was asked of them so far, or nothing was asked yet.'}
        </Empty>
      ) : (
        <Listed events={data.events} isWaiting={isPlaceholderData} />
      )}
      {data !== undefined && (offset > 0 || data.hasMore) && (
        <Pages chosen={chosen} offset={offset} shown={data.events.length} hasMore={data.hasMore} />
      )}
    </div>
  );
}

const SINCE = [
  {value: '', label: 'since ever'},
  {value: '24h', label: 'the last 24 hours'},
  {value: '7d', label: 'the last 7 days'},
  {value: '30d', label: 'the last 30 days'},
  {value: '365d', label: 'the last year'},
];

function Filters({chosen: {of, choose}}: {readonly chosen: Chosen}) {
  // Another filter begins at its first page.
  const set = (name: string) => (value: string) => choose({[name]: value, offset: ''});
  const texts = [
    {name: 'select', label: 'Assets', placeholder: 'assets, such as group:raw', width: 220},
    {name: 'key', label: 'Key', placeholder: 'key', width: 130},
    {name: 'source', label: 'Source', placeholder: 'source', width: 150},
    {name: 'game', label: 'Game', placeholder: 'game', width: 130},
  ];
  return (
    <Group gap="xs" align="center">
      <SegmentedControl
        size="sm"
        aria-label="Least severity"
        value={oneOf(of('severity'), LEAST)}
        onChange={value => set('severity')(value === 'info' ? '' : value)}
        data={[
          {value: 'info', label: 'all'},
          {value: 'warning', label: 'warnings and errors'},
          {value: 'error', label: 'errors'},
        ]}
      />
      <Select
        aria-label="Kind"
        size="sm"
        w={{base: 'calc(50% - 5px)', xs: 190}}
        placeholder="any kind"
        data={Object.keys(EVENT_SEVERITY)}
        value={of('kind') || null}
        clearable
        clearButtonProps={{'aria-label': 'Any kind'}}
        searchable
        onChange={value => set('kind')(value ?? '')}
      />
      {texts.map(({name, label, placeholder, width}) => (
        <FilterText
          key={name}
          aria-label={label}
          placeholder={placeholder}
          w={{base: 'calc(50% - 5px)', xs: width}}
          value={of(name)}
          onChoose={set(name)}
        />
      ))}
      <Select
        aria-label="Time"
        size="sm"
        w={{base: 'calc(50% - 5px)', xs: 170}}
        data={SINCE}
        value={SINCE.some(({value}) => value === of('since')) ? of('since') : ''}
        allowDeselect={false}
        onChange={value => set('since')(value ?? '')}
      />
      {of('run') !== '' && (
        <Button variant="light" size="sm" onClick={() => set('run')('')}>
          run {of('run')} ×
        </Button>
      )}
    </Group>
  );
}

const MARKS: Readonly<Record<Severity, typeof IconInfoCircle>> = {
  info: IconInfoCircle,
  warning: IconAlertTriangle,
  error: IconCircleX,
};

function Listed({events, isWaiting}: {readonly events: readonly EventBody[]; readonly isWaiting: boolean}) {
  return (
    <MarkedList of="Events" isWaiting={isWaiting}>
      {groupEvents(events).map(event => (
        <Line
          key={[
            event.at,
            event.asset,
            event.key,
            event.games[0],
            event.kind,
            event.source,
            event.detail,
          ].join(' ')}
          event={event}
        />
      ))}
    </MarkedList>
  );
}

/** How many games a line names. */
const NAMED = 6;

function Line({event}: {readonly event: EventGroup}) {
  const {at, run, asset, key, games, kind, severity, source, detail, resolution, end} = event;
  return (
    <MarkedLine severity={severity} icon={MARKS[severity]}>
      <span className="events-when">
        <TimeText at={at} as="clock" />
        {run !== null && (
          <Anchor component={Link} href={runAddress(run)} size="xs" display="block" truncate>
            {run}
          </Anchor>
        )}
      </span>
      <span className="marked-what">
        <span className="marked-kind">{kind}</span> <PartitionName asset={asset} partitionKey={key} />
        {source !== null && <span className="quiet"> · {source}</span>}
        <span className="marked-detail">
          <Linked text={detail} />
          {gamesText(games)}
        </span>
      </span>
      <span className="events-end" data-end={end}>
        {resolution}
      </span>
    </MarkedLine>
  );
}

function gamesText(games: readonly string[]): string {
  if (games.length === 0) return '';
  if (games.length === 1) return ` · game ${games[0]}`;
  const more = games.length - NAMED;
  return ` · ${number(games.length)} games: ${games.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}`;
}

function Pages({
  chosen,
  offset,
  shown,
  hasMore,
}: {
  readonly chosen: Chosen;
  readonly offset: number;
  readonly shown: number;
  readonly hasMore: boolean;
}) {
  const goTo = (to: number) => {
    chosen.choose({offset: to <= 0 ? '' : String(to)});
    scrollTo({top: 0});
  };
  return (
    <Group justify="center" gap="sm">
      <Button
        variant="default"
        size="xs"
        leftSection={<IconChevronLeft size={15} aria-hidden />}
        disabled={offset === 0}
        onClick={() => goTo(offset - PAGE)}
      >
        Newer
      </Button>
      <Text size="sm" className="number">
        {shown === 0 ? 'none' : `${number(offset + 1)} to ${number(offset + shown)}`}
      </Text>
      <Button
        variant="default"
        size="xs"
        rightSection={<IconChevronRight size={15} aria-hidden />}
        disabled={!hasMore}
        onClick={() => goTo(offset + PAGE)}
      >
        Older
      </Button>
    </Group>
  );
}
