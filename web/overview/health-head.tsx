/**
 * The head of the overview: the sentence, the figures, and the way to a plan.
 * It does not deal with how the sentence comes about (health.ts).
 */
import './health-head.css';
import {Button, Skeleton, Title} from '@mantine/core';
import {IconCircleCheck, IconCircleDashed, IconExclamationCircle, IconListCheck} from '@tabler/icons-react';
import {Link, useLocation} from 'wouter';
import type {OverviewBody} from '../../server/schema/overview.ts';
import {ActionButton} from '../parts/action-button.tsx';
import {type Figure, figuresOf, type Health, healthOf} from './health.ts';

const SIGNS = {
  'nothing-made': IconCircleDashed,
  gaps: IconExclamationCircle,
  stale: IconCircleCheck,
  well: IconCircleCheck,
} as const satisfies Record<Health['standing'], unknown>;

export function HealthHead({overview}: {readonly overview: OverviewBody | undefined}) {
  if (overview === undefined) return <Waiting />;
  const {standing, sentence, next} = healthOf(overview);
  const Sign = SIGNS[standing];
  return (
    <header className="health" data-standing={standing}>
      <div className="health-words">
        <Title order={1} className="health-sentence">
          <Sign size={26} stroke={1.8} aria-hidden className="health-sign" />
          <span>{sentence}</span>
        </Title>
        <p className="health-next quiet">
          {next === '' ? 'The next run has nothing to do.' : next}
          {standing === 'nothing-made' && <FirstSteps />}
        </p>
      </div>
      <div className="health-act">
        <PlanButton overview={overview} />
      </div>
      <dl className="health-figures">
        {figuresOf(overview).map(figure => (
          <FigureCell key={figure.name} figure={figure} />
        ))}
      </dl>
    </header>
  );
}

function FirstSteps() {
  return (
    <>
      {' '}
      Plan a season or a few dates first, look at what would run, then materialize it; or type{' '}
      <code>gameplan plan</code> and <code>gameplan materialize</code>.
    </>
  );
}

function PlanButton({overview: {states, openGaps}}: {readonly overview: OverviewBody}) {
  const [, go] = useLocation();
  const missing = openGaps + states.stale;
  const why = missing === 0 ? 'Nothing is missing and nothing is stale.' : undefined;
  return (
    <ActionButton
      why={why}
      leftSection={<IconListCheck size={18} aria-hidden />}
      onClick={() => go(openGaps > 0 ? '/plan?missingOnly=1' : '/plan')}
    >
      {openGaps > 0 || missing === 0 ? 'Plan what is missing' : 'Plan what is stale'}
    </ActionButton>
  );
}

function FigureCell({figure: {name, value, look, to}}: {readonly figure: Figure}) {
  return (
    <div className="health-figure">
      <dt>
        {look !== undefined && (
          <span className="health-swatch" style={{background: `var(--state-${look})`}} aria-hidden />
        )}
        {to === undefined ? name : <Link href={to}>{name}</Link>}
      </dt>
      <dd>{value}</dd>
    </div>
  );
}

/** As high as what comes. */
function Waiting() {
  return (
    <div className="health" role="status" aria-label="Loading how the pipeline is">
      <div className="health-words">
        <Skeleton height={32} maw={560} />
        <Skeleton height={18} maw={420} mt={10} />
      </div>
      <div className="health-act">
        <Button loading disabled leftSection={<IconListCheck size={18} aria-hidden />}>
          Plan what is missing
        </Button>
      </div>
      <div className="health-figures">
        {['a', 'b', 'c', 'd', 'e', 'f'].map(each => (
          <div key={each} className="health-figure">
            <Skeleton height={45} maw={90} />
          </div>
        ))}
      </div>
    </div>
  );
}
