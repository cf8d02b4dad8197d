/**
 * Alerts: what is wrong now, what was told of it to whom, and what is still to be delivered.
 * It does not deal with the log of sources (events.tsx).
 */
import './alerts.css';
import {Anchor, Text, Title} from '@mantine/core';
import {IconAlertTriangle, IconCircleCheck, IconCircleX} from '@tabler/icons-react';
import type {ReactNode} from 'react';
import {Link} from 'wouter';
import {ageText, counted, number} from '../../planner/amount.ts';
import type {AlertReceiverBody, AlertsBody, OpenAlertBody, ToldAlertBody} from '../../server/schema/alert.ts';
import {assetAddress, runAddress} from '../addresses.ts';
import {get} from '../api.ts';
import {useLedger} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {MarkedLine, MarkedList} from '../parts/marked-list.tsx';
import {Name} from '../parts/name.tsx';
import {Linked} from '../parts/reasons.tsx';
import {Section} from '../parts/section.tsx';
import {TimeText, useNow} from '../parts/time-text.tsx';

export function AlertsPage() {
  const {data, error, refetch} = useLedger<AlertsBody>('/alerts', () => get<AlertsBody>('/alerts'));
  return (
    <div className="alerts">
      <div>
        <Title order={1} size="h2">
          Alerts
        </Title>
        <Text className="quiet" size="sm">
          What is wrong, what was told of it, and to whom it is still to be delivered.
        </Text>
      </div>
      {error !== null && data === undefined ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Awaited height={400} lines={8} of="alerts" />
      ) : (
        <Shown alerts={data} />
      )}
    </div>
  );
}

function Shown({alerts: {isOff, open, told, receivers, digestAt}}: {readonly alerts: AlertsBody}) {
  return (
    <>
      {isOff && (
        <Text size="sm">The manifest switches alerts off for this target: nothing is looked for.</Text>
      )}
      <Section
        title="Open"
        aside={
          open.length > 0 && (
            <Text className="quiet" size="sm">
              {sumText(open)}
            </Text>
          )
        }
      >
        {open.length === 0 ? (
          <Empty
            title="Nothing is wrong that is worth telling"
            icon={<IconCircleCheck size={26} stroke={1.5} />}
          >
            Runs that fail, sources that are down, old gaps and parked partitions stand here.
          </Empty>
        ) : (
          <MarkedList of="Open alerts">
            {open.map(alert => (
              <OpenLine key={[alert.kind, alert.about, alert.cause].join(' ')} alert={alert} />
            ))}
          </MarkedList>
        )}
      </Section>
      {told.length > 0 && (
        <Section title="Told">
          <MarkedList of="Messages">
            {told.map(message => (
              <ToldLine key={message.id} message={message} />
            ))}
          </MarkedList>
        </Section>
      )}
      <Section
        title="Receivers"
        aside={
          digestAt !== null &&
          receivers.length > 0 && (
            <Text className="quiet" size="sm">
              the next digest: <TimeText at={digestAt} as="clock" />
            </Text>
          )
        }
      >
        {receivers.length === 0 ? (
          <Text className="quiet" size="sm">
            Nobody is told: what is wrong stands here alone. <code>alerts</code> in the manifest names Slack,
            mail or an address of yours.
          </Text>
        ) : (
          <MarkedList of="Receivers">
            {receivers.map(receiver => (
              <ReceiverLine key={receiver.kind} receiver={receiver} />
            ))}
          </MarkedList>
        )}
      </Section>
    </>
  );
}

function sumText(open: readonly OpenAlertBody[]): string {
  const critical = open.filter(({severity}) => severity === 'critical').length;
  return critical === 0
    ? counted(open.length, 'alert')
    : `${number(critical)} critical of ${number(open.length)}`;
}

type Severity = OpenAlertBody['severity'];

const MARKS: Readonly<Record<Severity, typeof IconCircleX>> = {
  critical: IconCircleX,
  warning: IconAlertTriangle,
  info: IconCircleCheck,
};

function Line({severity, children}: {readonly severity: Severity; readonly children: ReactNode}) {
  return (
    <MarkedLine severity={severity} icon={MARKS[severity]}>
      {children}
    </MarkedLine>
  );
}

function OpenLine({alert}: {readonly alert: OpenAlertBody}) {
  const {kind, severity, cause, about, isAsset, count, waiting, since, ranges} = alert;
  return (
    <Line severity={severity}>
      <span className="marked-what">
        <span className="marked-kind">{kind}</span>{' '}
        {isAsset ? (
          <Anchor component={Link} href={assetAddress(about)} inherit>
            <Name text={about} />
          </Anchor>
        ) : (
          about
        )}
        {ranges !== '' && (
          <span className="quiet">
            {' '}
            {counted(count, 'partition')}: {ranges}
          </span>
        )}
        <span className="marked-detail">
          <Linked text={cause} />
        </span>
      </span>
      <span className="alerts-aside">
        <TimeText at={since} />
        <br />
        {waiting === 0 ? 'told' : waiting === count ? 'not told yet' : `${number(waiting)} not told yet`}
      </span>
    </Line>
  );
}

function ToldLine({message}: {readonly message: ToldAlertBody}) {
  const {at, why, severity, title, topics, runs, deliveries} = message;
  return (
    <Line severity={severity}>
      <span className="marked-what">
        <span className="marked-kind">{title}</span>
        <ul className="alerts-topics">
          {topics.map(topic => (
            <li key={`${topic.title} ${topic.cause}`}>
              {topic.title}: <Linked text={topic.cause} />
              {topic.lines.map(line => (
                <span key={line} className="marked-detail">
                  {line}
                </span>
              ))}
            </li>
          ))}
        </ul>
        <span className="alerts-deliveries">
          {deliveries.length === 0 && <span className="quiet">nobody was told</span>}
          {deliveries.map(({receiver, state, tries, error}) => (
            <span key={receiver} data-state={state}>
              {receiver} {deliveryText({state, tries, error})}
            </span>
          ))}
          {runs.map(run => (
            <Anchor key={run} component={Link} href={runAddress(run)} size="xs">
              run {run}
            </Anchor>
          ))}
        </span>
      </span>
      <span className="alerts-aside">
        <TimeText at={at} as="clock" />
        <br />
        {why === 'digest' ? 'digest' : 'at once'}
      </span>
    </Line>
  );
}

function deliveryText({
  state,
  tries,
  error,
}: Pick<ToldAlertBody['deliveries'][number], 'state' | 'tries' | 'error'>): string {
  if (state === 'delivered') return 'delivered';
  const tried = tries === 0 ? 'not tried yet' : `${counted(tries, 'try', 'tries')}: ${error ?? 'no answer'}`;
  return state === 'waiting' ? `waits, ${tried}` : `given up, ${tried}`;
}

function ReceiverLine({receiver}: {readonly receiver: AlertReceiverBody}) {
  const {kind, trouble, waiting, error, nextAt, deliveredAt} = receiver;
  const now = useNow();
  const isWell = trouble === null && error === null;
  return (
    <Line severity={isWell ? 'info' : 'warning'}>
      <span className="marked-what">
        <span className="marked-kind">{kind}</span>{' '}
        {trouble ?? (error === null ? 'ready' : 'the last try failed')}
        {error !== null && <span className="marked-detail">{error}</span>}
      </span>
      <span className="alerts-aside">
        {waiting > 0 && (
          <>
            {counted(waiting, 'message')} to be delivered
            {error !== null && nextAt !== null && `, again in ${ageText(Math.max(0, nextAt - now) + 59_999)}`}
            <br />
          </>
        )}
        {deliveredAt !== null && (
          <>
            the last <TimeText at={deliveredAt} />
          </>
        )}
      </span>
    </Line>
  );
}
