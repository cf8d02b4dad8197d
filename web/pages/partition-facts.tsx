/**
 * What a partition holds, how far it can be trusted, and what depends on it.
 * It does not deal with how it came to that (partition-history.tsx).
 */
import {Anchor, Text} from '@mantine/core';
import {Link} from 'wouter';
import {counted, durationText, number, percent, scoreText} from '../../planner/amount.ts';
import {STATES} from '../../planner/state.ts';
import {tierOf} from '../../planner/tier.ts';
import type {PartitionBody} from '../../server/schema/partition.ts';
import {assetAddress} from '../addresses.ts';
import {PartitionName} from '../parts/partition-name.tsx';
import {Linked} from '../parts/reasons.tsx';
import {Facts, Section} from '../parts/section.tsx';
import {StateBadge, TierBadge, tierColour} from '../parts/state-badge.tsx';
import {TimeText} from '../parts/time-text.tsx';

export function Made({partition}: {readonly partition: PartitionBody}) {
  const {publication, kind, file, fingerprint, digest} = partition;
  return (
    <Section title="Published">
      <Facts
        facts={[
          publication === null
            ? ['published', 'nothing']
            : [
                'published',
                <>
                  <TimeText at={publication.publishedAt} as="clock" />,{' '}
                  <TimeText at={publication.publishedAt} />
                </>,
              ],
          publication === null ? undefined : ['took', durationText(publication.durationMs)],
          publication === null ? undefined : ['rows', number(publication.rows)],
          publication === null ? undefined : ['version', <Hash key="version" text={publication.version} />],
          publication?.games == null ? undefined : ['games', <Games key="games" games={publication.games} />],
          [
            'made by',
            <span key="file">
              {kind} {file !== null && <Hash text={file} />}
            </span>,
          ],
          ['definition', <Compared key="definition" now={fingerprint} then={publication?.fingerprint} />],
          digest === ''
            ? undefined
            : ['inputs', <Compared key="inputs" now={digest} then={publication?.digest} />],
        ]}
      />
    </Section>
  );
}

function Hash({text}: {readonly text: string}) {
  return <code className="partition-version">{text}</code>;
}

/** A hash as it is today, and that which was made from where it differs. */
function Compared({now, then}: {readonly now: string; readonly then: string | undefined}) {
  const short = (text: string) => text.slice(0, 16);
  return (
    <>
      <Hash text={short(now)} />
      {then !== undefined && then !== now && (
        <Text size="xs" className="quiet">
          made from <Hash text={short(then)} />
        </Text>
      )}
    </>
  );
}

function Games({
  games: {found, expected, absent},
}: {
  readonly games: NonNullable<NonNullable<PartitionBody['publication']>['games']>;
}) {
  return (
    <>
      {number(found)} of {number(expected)} ({percent(found, expected)})
      <Meter share={expected === 0 ? 1 : found / expected} colour="var(--state-fresh)" />
      {absent.length > 0 && (
        <Text size="xs" className="quiet" mt={4}>
          without {absent.slice(0, 8).join(', ')}
          {absent.length > 8 ? ` and ${number(absent.length - 8)} more` : ''}
        </Text>
      )}
    </>
  );
}

function Meter({share, colour}: {readonly share: number; readonly colour: string}) {
  return (
    <div className="partition-meter" aria-hidden>
      <span style={{width: `${Math.min(100, Math.max(0, 100 * share))}%`, background: colour}} />
    </div>
  );
}

/** Quality, what speaks against it, and what was signed off. */
export function Trusted({partition: {quality, acceptances}}: {readonly partition: PartitionBody}) {
  if (quality === null && acceptances.length === 0) return null;
  return (
    <>
      {quality !== null && (
        <Section title="Quality">
          <Score quality={quality} />
        </Section>
      )}
      {acceptances.length > 0 && (
        <Section title="Signed off">
          <ul className="partition-list">
            {acceptances.map(({by, on, reason, until, isExpired, games}) => (
              <li key={`${by} ${on} ${reason}`}>
                {reason}
                <Text size="xs" className="quiet">
                  {[
                    `by ${by} on ${on}`,
                    ...(until === null
                      ? []
                      : [isExpired ? `until ${until}, which is over` : `until ${until}`]),
                    games.length === 0 ? 'as a whole' : `for ${games.join(', ')}`,
                  ].join(' · ')}
                </Text>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Score({quality}: {readonly quality: NonNullable<PartitionBody['quality']>}) {
  const {score, own, inputs, gate, issues} = quality;
  return (
    <>
      {score !== null && (
        <>
          <Text component="div" fw={600}>
            <TierBadge tier={tierOf(score)} score={score} />
          </Text>
          <Meter share={score / 100} colour={tierColour(tierOf(score))} />
        </>
      )}
      <Facts
        facts={[
          score === null ? ['score', 'nothing is published'] : undefined,
          own === null ? undefined : ['itself', scoreText(own)],
          ['its inputs', scoreText(inputs)],
          gate === null
            ? undefined
            : ['its gate', `${gate}${inputs < gate ? ', which they do not reach' : ''}`],
        ]}
      />
      {issues.length > 0 && (
        <>
          <Text size="sm" className="quiet" mt="sm" mb={4}>
            What speaks against it
          </Text>
          <ul className="partition-list">
            {issues.map(issue => (
              <li key={issue}>
                <Linked text={issue} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

export function Dependents({partition: {dependents}}: {readonly partition: PartitionBody}) {
  return (
    <Section title="What depends on it" aside={dependents.length > 0 ? 'directly' : undefined}>
      {dependents.length === 0 && (
        <Text size="sm" className="quiet">
          Nothing reads it.
        </Text>
      )}
      <ul className="partition-list">
        {dependents.map(({asset, name, count, states, first}) => (
          <li key={`${asset} ${name}`}>
            <div className="partition-input-line">
              {count === 1 && first[0] !== undefined ? (
                <PartitionName asset={asset} partitionKey={first[0]} isStrong />
              ) : (
                <Anchor component={Link} href={assetAddress(asset)} inherit fw={550}>
                  {asset}
                </Anchor>
              )}
              {STATES.filter(state => states[state] > 0).map(state => (
                <StateBadge key={state} look={state} count={count === 1 ? undefined : states[state]} />
              ))}
            </div>
            {count > 1 && (
              <div className="partition-input-facts">
                <span>{counted(count, 'partition')}</span>
                <span>from {first[0]} on</span>
              </div>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
