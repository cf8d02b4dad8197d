/**
 * An asset as it is declared: its query or code, its settings, what it reads and what reads it, its columns and checks.
 * It does not deal with what was made of it (asset-past.tsx).
 */
import {Anchor, Spoiler, Text} from '@mantine/core';
import {Link} from 'wouter';
import {counted} from '../../planner/amount.ts';
import {TIERS} from '../../planner/tier.ts';
import type {AssetPageBody} from '../../server/schema/asset.ts';
import type {EdgeBody} from '../../server/schema/pipeline.ts';
import {assetAddress, partitionAddress} from '../addresses.ts';
import {windowInFull} from '../format.ts';
import {CodeView} from '../parts/code-view.tsx';
import {Facts, Section} from '../parts/section.tsx';
import {TierBadge} from '../parts/state-badge.tsx';
import {TimeText} from '../parts/time-text.tsx';

export function Code({asset: {source, kind}}: {readonly asset: AssetPageBody}) {
  const title = source?.language === 'sql' ? 'Query' : 'Code';
  if (source === null)
    return (
      <Section title={title}>
        <Text size="sm" className="quiet">
          It has none of its own ({kind}).
        </Text>
      </Section>
    );
  return (
    <Section title={title}>
      <CodeView key={source.file} {...source} />
    </Section>
  );
}

export function Settings({asset}: {readonly asset: AssetPageBody}) {
  const tiers = TIERS.filter(tier => asset.quality[tier] > 0);
  return (
    <Section title="Settings">
      <Facts
        facts={[
          ...asset.facts.map(({name, value}) => [name, value] as const),
          [
            'definition',
            <code key="definition" className="asset-type">
              {asset.fingerprint.slice(0, 16)}
            </code>,
          ],
          tiers.length === 0
            ? undefined
            : [
                'quality',
                <span key="quality" className="asset-states" style={{margin: 0}}>
                  {tiers.map(tier => (
                    <TierBadge key={tier} tier={tier} count={asset.quality[tier]} />
                  ))}
                </span>,
              ],
        ]}
      />
    </Section>
  );
}

export function Edges({asset: {upstream, downstream}}: {readonly asset: AssetPageBody}) {
  return (
    <Section title="Edges">
      <h3 className="asset-sub">
        reads {upstream.length === 0 ? 'nothing' : counted(upstream.length, 'asset')}
      </h3>
      <EdgeList edges={upstream} />
      <h3 className="asset-sub">
        read by {downstream.length === 0 ? 'nothing' : counted(downstream.length, 'asset')}
      </h3>
      <EdgeList edges={downstream} />
    </Section>
  );
}

function EdgeList({edges}: {readonly edges: readonly EdgeBody[]}) {
  if (edges.length === 0) return null;
  return (
    <ul className="asset-list">
      {edges.map(({asset, name, window}) => (
        <li key={`${asset} ${name}`}>
          <Anchor component={Link} href={assetAddress(asset)} inherit fw={550}>
            {asset}
          </Anchor>
          {name !== asset && <span className="quiet"> as {name}</span>}
          <Text size="xs" className="quiet">
            {windowInFull(window)}
          </Text>
        </li>
      ))}
    </ul>
  );
}

export function Columns({asset: {asset, columns, key}}: {readonly asset: AssetPageBody}) {
  if (columns.length === 0) return null;
  return (
    <Section title="Columns" aside={counted(columns.length, 'column')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="asset-scroll" tabIndex={0} aria-label={`Columns of ${asset}`}>
        <dl className="asset-names">
          {columns.map(({name, type, description}) => (
            <div key={name} style={{display: 'contents'}}>
              <dt>
                <code>{name}</code>
                {key.includes(name) && <span className="asset-key">key</span>}
              </dt>
              <dd className="asset-type">
                {type}
                {description !== null && ` · ${description}`}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </Section>
  );
}

export function Checks({asset: {asset, checks}}: {readonly asset: AssetPageBody}) {
  return (
    <Section title="Checks" aside={checks.length === 0 ? undefined : counted(checks.length, 'check')}>
      {checks.length === 0 && (
        <Text size="sm" className="quiet">
          None is declared beside its key.
        </Text>
      )}
      <ul className="asset-list">
        {checks.map(({name, severity, failures}) => (
          <li key={name}>
            <code>{name}</code>
            {severity === 'warn' && <span className="quiet"> warns only</span>}
            {failures.length === 0 ? (
              <Text size="xs" className="quiet">
                held whenever it was asked
              </Text>
            ) : (
              <Spoiler maxHeight={62} showLabel={`All ${failures.length}`} hideLabel="Fewer" fz="xs">
                {failures.map(failure => (
                  <div key={`${failure.key} ${failure.at}`}>
                    <Anchor
                      component={Link}
                      href={partitionAddress(asset, failure.key)}
                      inherit
                      underline="always"
                    >
                      {failure.key}
                    </Anchor>{' '}
                    <span className="quiet">
                      <TimeText at={failure.at} /> · {failure.text}
                    </span>
                  </div>
                ))}
              </Spoiler>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
