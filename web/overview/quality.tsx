/**
 * How far what is published can be trusted: how many partitions are of which tier.
 * It does not deal with why (the page of a partition).
 */
import './quality.css';
import {number, percent} from '../../planner/amount.ts';
import {TIERS} from '../../planner/tier.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import {Awaited, Empty} from '../parts/empty.tsx';
import {Section} from '../parts/section.tsx';
import {tierColour} from '../parts/state-badge.tsx';

export function Quality({overview}: {readonly overview: OverviewBody | undefined}) {
  return (
    <Section title="Quality of what is published">
      {overview === undefined ? (
        <Awaited height={150} lines={5} of="quality" />
      ) : (
        <Tiers quality={overview.quality} />
      )}
    </Section>
  );
}

function Tiers({quality}: Pick<OverviewBody, 'quality'>) {
  const all = TIERS.reduce((sum, tier) => sum + quality[tier], 0);
  if (all === 0) return <Empty title="Nothing is published yet." />;
  return (
    <>
      <div className="quality-bar" aria-hidden>
        {TIERS.filter(tier => quality[tier] > 0).map(tier => (
          <span key={tier} style={{flexGrow: quality[tier], background: tierColour(tier)}} />
        ))}
      </div>
      <table className="quality-table">
        <thead className="quality-hidden">
          <tr>
            <th scope="col">Tier</th>
            <th scope="col">Partitions</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {TIERS.map(tier => (
            <tr key={tier}>
              <th scope="row">
                <span className="quality-swatch" style={{background: tierColour(tier)}} aria-hidden />
                {tier}
              </th>
              <td>{number(quality[tier])}</td>
              <td className="quiet">{percent(quality[tier], all)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
