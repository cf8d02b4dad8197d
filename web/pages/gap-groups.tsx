/**
 * Gaps that the same is to be said of, a line each, below what they have in common.
 * It does not deal with what is done about them (gap-actions.tsx).
 */
import {Anchor, Checkbox, Text} from '@mantine/core';
import {Link} from 'wouter';
import {ageText, counted, number} from '../../planner/amount.ts';
import type {GapGroupBody, GapsBody} from '../../server/schema/gap.ts';
import {assetAddress, partitionAddress, partitionsAddress} from '../addresses.ts';
import type {Look} from '../looks.ts';
import {Name} from '../parts/name.tsx';
import {Linked} from '../parts/reasons.tsx';
import {StateBadge} from '../parts/state-badge.tsx';
import {WindowList} from '../parts/window-list.tsx';
import {shortName} from '../short-name.ts';

/** By the name of the group. */
export type Chosen = ReadonlyMap<string, GapGroupBody>;

export function groupName({asset, season, label, partitions, cause}: GapGroupBody): string {
  return shortName([asset, season, label, partitions, cause].join(' '));
}

type Item =
  | {readonly kind: 'section'; readonly section: GapsBody['sections'][number]; readonly at: number}
  | {readonly kind: 'group'; readonly group: GapGroupBody};

export function GapGroups({
  gaps,
  by,
  chosen,
  onChoose,
}: {
  readonly gaps: GapsBody;
  readonly by: 'asset' | 'season' | 'cause';
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}) {
  const items = gaps.sections.flatMap((section, at): Item[] => [
    {kind: 'section', section, at},
    ...section.groups.map(group => ({kind: 'group' as const, group})),
  ]);
  const toggle = (groups: readonly GapGroupBody[], isOn: boolean) => {
    const after = new Map(chosen);
    for (const group of groups) {
      if (isOn) after.set(groupName(group), group);
      else after.delete(groupName(group));
    }
    onChoose(after);
  };
  return (
    <div className="gaps-groups" data-by={by}>
      <WindowList
        items={items}
        keyOf={item => (item.kind === 'section' ? `${item.at} ${item.section.title}` : groupName(item.group))}
        height={item => (item.kind === 'section' ? 52 : 74)}
        label="Gaps"
      >
        {item =>
          item.kind === 'section' ? (
            <SectionHead section={item.section} by={by} chosen={chosen} toggle={toggle} />
          ) : (
            <GroupLine
              group={item.group}
              by={by}
              now={gaps.now}
              isChosen={chosen.has(groupName(item.group))}
              toggle={isOn => toggle([item.group], isOn)}
            />
          )
        }
      </WindowList>
    </div>
  );
}

function SectionHead({
  section: {title, count, groups},
  by,
  chosen,
  toggle,
}: {
  readonly section: GapsBody['sections'][number];
  readonly by: 'asset' | 'season' | 'cause';
  readonly chosen: Chosen;
  readonly toggle: (groups: readonly GapGroupBody[], isOn: boolean) => void;
}) {
  const on = groups.filter(group => chosen.has(groupName(group))).length;
  return (
    <div className="gaps-head">
      <Checkbox
        aria-label={`All of ${title}`}
        checked={on === groups.length}
        indeterminate={on > 0 && on < groups.length}
        onChange={event => toggle(groups, event.currentTarget.checked)}
      />
      <h2 className="gaps-title">
        {by === 'asset' ? (
          <Anchor component={Link} href={assetAddress(title)} inherit c="inherit">
            <Name text={title} />
          </Anchor>
        ) : (
          <Linked text={title} />
        )}
      </h2>
      <span className="quiet number">{counted(count, 'partition')}</span>
    </div>
  );
}

const LABELS: Readonly<Record<string, Look>> = {
  missing: 'missing',
  partial: 'partial',
  accepted: 'accepted',
  // Partitions that stand, but for some games.
  games: 'partial',
};

/** How many games a line names. */
const NAMED = 4;

function GroupLine({
  group,
  by,
  now,
  isChosen,
  toggle,
}: {
  readonly group: GapGroupBody;
  readonly by: 'asset' | 'season' | 'cause';
  readonly now: number;
  readonly isChosen: boolean;
  readonly toggle: (isOn: boolean) => void;
}) {
  const {asset, season, label, count, ranges, partitions, keys, games, lacks, since, cause, expired} = group;
  const lead = by === 'asset' ? season : asset;
  const [only] = keys;
  return (
    <div className="gaps-line" data-chosen={isChosen || undefined}>
      <Checkbox
        aria-label={`${asset} ${season} ${ranges}`}
        checked={isChosen}
        onChange={event => toggle(event.currentTarget.checked)}
      />
      <div className="gaps-lead">
        {by === 'asset' ? (
          lead
        ) : (
          <Anchor component={Link} href={assetAddress(asset)} inherit>
            <Name text={lead} />
          </Anchor>
        )}
      </div>
      <div className="gaps-state">
        <StateBadge look={LABELS[label] ?? 'missing'} count={count} />
      </div>
      <div className="gaps-what">
        <div>
          <Anchor
            component={Link}
            href={
              count === 1 && only !== undefined
                ? partitionAddress(asset, only)
                : partitionsAddress(partitions)
            }
            inherit
          >
            {ranges}
          </Anchor>
        </div>
        {cause !== '' && (
          <Text size="sm" className="quiet" component="div">
            <Linked text={cause} />
          </Text>
        )}
        {lacks.length > 0 && (
          <Text size="sm" className="quiet">
            without {lacks.slice(0, NAMED).join(', ')}
            {lacks.length > NAMED ? ` and ${number(lacks.length - NAMED)} more` : ''}
          </Text>
        )}
        {expired !== null && (
          <Text size="sm" fw={550}>
            was accepted until {expired}: decide again
          </Text>
        )}
      </div>
      <div className="gaps-facts">
        {games !== null && <span className="number">{gamesText(games)}</span>}
        {since !== null && <span className="number">{ageText(Math.max(0, now - since))}</span>}
      </div>
    </div>
  );
}

function gamesText({open, accepted}: NonNullable<GapGroupBody['games']>): string {
  if (accepted === 0) return counted(open, 'game');
  return open === 0
    ? `${counted(accepted, 'game')} accepted`
    : `${counted(open, 'game')}, ${number(accepted)} accepted`;
}
