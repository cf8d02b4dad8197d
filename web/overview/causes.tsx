/**
 * Open gaps by what they wait for, with how many and how old they are.
 * It does not deal with single gaps (the page of gaps).
 */
import './lists.css';
import {Anchor} from '@mantine/core';
import {IconCircleCheck} from '@tabler/icons-react';
import {Link} from 'wouter';
import {ageText, counted, number} from '../../planner/amount.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import {assetAddress} from '../addresses.ts';
import {Awaited, Empty} from '../parts/empty.tsx';
import {Section} from '../parts/section.tsx';

const SHOWN = 6;
const NAMED = 3;

export function Causes({overview}: {readonly overview: OverviewBody | undefined}) {
  const causes = overview?.causes ?? [];
  return (
    <Section
      title="Open gaps"
      aside={
        <Anchor component={Link} href="/gaps" fz={13}>
          All gaps
        </Anchor>
      }
    >
      {overview === undefined ? (
        <Awaited height={220} lines={4} of="open gaps" />
      ) : causes.length === 0 ? (
        <Empty title="No gap is open." icon={<IconCircleCheck size={26} stroke={1.5} />} />
      ) : (
        <ul className="lists">
          {causes.slice(0, SHOWN).map(each => (
            <Cause key={each.cause.kind + each.cause.text} cause={each} now={overview.now} />
          ))}
          {causes.length > SHOWN && (
            <li className="lists-more quiet">and {counted(causes.length - SHOWN, 'more cause')}</li>
          )}
        </ul>
      )}
    </Section>
  );
}

function Cause({
  cause: {cause, count, assets, since, ranges},
  now,
}: {
  readonly cause: OverviewBody['causes'][number];
  readonly now: number;
}) {
  const others = assets.length - NAMED;
  return (
    <li className="lists-row">
      <span className="lists-count">{number(count)}</span>
      <span className="lists-what">
        <span className="lists-text">{cause.text}</span>
        <span className="lists-under quiet">
          {assets.slice(0, NAMED).map((asset, index) => (
            <span key={asset}>
              {index > 0 && ', '}
              <Link href={assetAddress(asset)}>{asset}</Link>
            </span>
          ))}
          {others > 0 && ` and ${counted(others, 'other asset')}`}
          {ranges !== '' && ` · ${ranges}`}
        </span>
      </span>
      <span className="lists-when quiet">{since === null ? '' : ageText(now - since)}</span>
    </li>
  );
}
