/**
 * One asset: what it is, its partitions with what is selected of them, and all that is known of it.
 * It does not deal with its declaration (asset-declared.tsx), its charts (asset-charts.tsx) nor its past (asset-past.tsx).
 */
import './asset.css';
import {Anchor, Badge, Breadcrumbs, Group, Text, Title} from '@mantine/core';
import {Link, useLocation} from 'wouter';
import {counted, percent} from '../../planner/amount.ts';
import {STATES} from '../../planner/state.ts';
import type {AssetPageBody} from '../../server/schema/asset.ts';
import type {AxisBody, DeclaredAssetBody} from '../../server/schema/pipeline.ts';
import {planAddress} from '../addresses.ts';
import {get, pathOf, Refused} from '../api.ts';
import {oneOf, useChosen} from '../chosen.ts';
import {useLedger, useLive} from '../live.tsx';
import {ActionButton} from '../parts/action-button.tsx';
import {CalendarStrip} from '../parts/calendar-strip.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {Name} from '../parts/name.tsx';
import {Section} from '../parts/section.tsx';
import {StateBadge} from '../parts/state-badge.tsx';
import {ordinalsOf, parseSelection, textOf} from '../selection.ts';
import {LEVELS} from '../strip-layout.ts';
import {AssetCharts} from './asset-charts.tsx';
import {Checks, Code, Columns, Edges, Settings} from './asset-declared.tsx';
import {AssetAttempts, Orphans, SampleRows} from './asset-past.tsx';

export function AssetPage({name}: {readonly name: string}) {
  const {pipeline, axes} = useLive();
  const declared = pipeline.assets.find(({asset}) => asset === name);
  const axis = axes.get(declared?.axis ?? '');
  const path = pathOf('assets', name);
  const {data, error, refetch} = useLedger(path, () => get<AssetPageBody>(path));
  // What is known of another asset is not shown as this one's.
  const asset = data?.asset === name ? data : undefined;
  if (declared === undefined || axis === undefined || (error instanceof Refused && error.status === 404))
    return (
      <Empty title={`There is no asset ${name}`}>
        <Anchor component={Link} href="/" inherit underline="always">
          The overview
        </Anchor>{' '}
        lists those that are declared.
      </Empty>
    );
  return (
    <div className="asset">
      <Head declared={declared} asset={asset} />
      <Partitions name={name} axis={axis} />
      {error !== null && asset === undefined ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : asset === undefined ? (
        <Awaited height={560} lines={4} of={name} />
      ) : (
        <>
          {axis.keys.length > 1 && <AssetCharts name={name} axis={axis} />}
          <div className="asset-columns">
            <div className="asset-column">
              <Code asset={asset} />
              <SampleRows name={name} key={name} />
              <AssetAttempts asset={asset} />
            </div>
            <div className="asset-column">
              <Settings asset={asset} />
              <Edges asset={asset} />
              <Columns asset={asset} />
              <Checks asset={asset} />
              <Orphans asset={asset} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

function Head({
  declared,
  asset,
}: {
  readonly declared: DeclaredAssetBody;
  readonly asset: AssetPageBody | undefined;
}) {
  const {group, kind, partitionedBy, partitions, description, owner, tags} = declared;
  return (
    <div>
      <Breadcrumbs separatorMargin={6} fz="sm">
        <Anchor component={Link} href="/" inherit>
          Overview
        </Anchor>
        <span>{group}</span>
      </Breadcrumbs>
      <Title order={1} className="asset-title">
        <Name text={declared.asset} />
      </Title>
      {description !== null && <Text maw={900}>{description}</Text>}
      <Group gap="xs" mt={6}>
        <Text size="sm" className="quiet">
          {[
            kind,
            partitionedBy === 'all'
              ? 'one partition'
              : `${counted(partitions, 'partition')} by ${partitionedBy}`,
            ...(owner === null ? [] : [`owner ${owner}`]),
          ].join(' · ')}
        </Text>
        {tags.map(tag => (
          <Badge key={tag} variant="default" tt="none" fw={500}>
            {tag}
          </Badge>
        ))}
      </Group>
      <div className="asset-states">
        {asset !== undefined &&
          STATES.filter(state => asset.states[state] > 0).map(state => (
            <StateBadge key={state} look={state} count={asset.states[state]} />
          ))}
        {asset?.games !== undefined && (
          <span className="quiet">
            {percent(asset.games.held, asset.games.expected)} of {counted(asset.games.expected, 'game')} held
          </span>
        )}
      </div>
    </div>
  );
}

/** What is selected is in the address, and a plan of it one button away. */
function Partitions({name, axis}: {readonly name: string; readonly axis: AxisBody}) {
  const {strips} = useLive();
  const {of, choose} = useChosen();
  const [, go] = useLocation();
  const text = of('selected');
  const parsed = parseSelection(text);
  const selection = parsed.isValid ? ordinalsOf(parsed.items, axis, strips.get(name)) : [];
  const none =
    selection.length === 0 ? 'Nothing is selected: drag over the strip, or type a range.' : undefined;
  const plan = (select: string) => go(planAddress({select, keys: textOf(selection, axis)}));
  return (
    <Section title="Partitions">
      <CalendarStrip
        asset={name}
        axis={axis}
        text={text}
        onText={selected => choose({selected})}
        level={oneOf(of('level'), LEVELS)}
        onLevel={level => choose({level: level === 'seasons' ? '' : level})}
      >
        <Group gap="xs">
          <ActionButton why={none} size="xs" onClick={() => plan(name)}>
            Plan this selection
          </ActionButton>
          <ActionButton why={none} size="xs" variant="default" onClick={() => plan(`+${name}`)}>
            With what is upstream
          </ActionButton>
        </Group>
      </CalendarStrip>
    </Section>
  );
}
