/**
 * What a run did to each asset: its strip as it stands now, its outcomes, and what it took.
 * It does not deal with single partitions.
 */
import './by-asset.css';
import {Anchor} from '@mantine/core';
import {Link} from 'wouter';
import {bytesText, durationText, number} from '../../planner/amount.ts';
import type {RunBody} from '../../server/schema/run.ts';
import {assetAddress} from '../addresses.ts';
import {useLive} from '../live.tsx';
import {MiniStrip} from '../parts/mini-strip.tsx';
import {Name} from '../parts/name.tsx';
import {OutcomeCounts} from '../parts/outcome-counts.tsx';
import {endedOf, ProgressBar} from '../parts/progress-bar.tsx';
import {BoxedRows} from '../parts/virtual-rows.tsx';

/** So many are shown without a box to scroll in. */
const FEW = 45;

export function ByAsset({run}: {readonly run: RunBody}) {
  const {pipeline, axes} = useLive();
  const axisOf = new Map(pipeline.assets.map(({asset, axis}) => [asset, axes.get(axis)]));
  const isWhole = run.status === 'succeeded' || run.status === 'failed';
  const row = (index: number) => {
    const own = run.assets[index];
    if (own === undefined) return null;
    const {asset, counts, durationMs, bytesBilled} = own;
    const axis = axisOf.get(asset);
    return (
      <div className="by-asset">
        <div className="by-asset-name">
          {axis === undefined ? (
            asset
          ) : (
            <Anchor component={Link} href={assetAddress(asset)} fz="sm" fw={600}>
              <Name text={asset} />
            </Anchor>
          )}
        </div>
        <div className="by-asset-strip">
          {axis !== undefined && <MiniStrip asset={asset} axis={axis} height={16} />}
        </div>
        <div className="by-asset-progress">
          {/* How many there will be is only known of the whole run. */}
          {isWhole && <ProgressBar counts={counts} of={asset} size="sm" />}
          <span className="number">
            {isWhole
              ? `${number(endedOf(counts))} of ${number(counts.requested)}`
              : `${number(endedOf(counts))} ended`}
          </span>
        </div>
        <div className="by-asset-counts">
          <OutcomeCounts counts={counts} size="xs" />
        </div>
        <div className="by-asset-took number" title="Of all its attempts together">
          {durationText(durationMs)}
          {bytesBilled !== null && <div className="quiet">{bytesText(bytesBilled)} billed</div>}
        </div>
      </div>
    );
  };
  return (
    <BoxedRows
      label="What was done, by asset"
      count={run.assets.length}
      estimate={44}
      height={run.assets.length > FEW ? 'min(70vh, 640px)' : 'none'}
      keyOf={index => run.assets[index]?.asset ?? index}
      row={row}
    />
  );
}
