/**
 * The card beside a strip: of the cell under the pointer or the cursor, or of what is being selected.
 * It does not deal with what is said of a partition (partition-card.tsx).
 */
import {Paper, Portal, Text} from '@mantine/core';
import {type ReactNode, useSyncExternalStore} from 'react';
import {counted} from '../../planner/amount.ts';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {keyInWords} from '../format.ts';
import {countOf, textOf} from '../selection.ts';
import type {Span} from '../strip-layout.ts';
import type {Pointed, StripScene} from './strip-scene.ts';

export function StripCard({
  scene,
  axis,
  describe,
  summarize,
}: {
  readonly scene: StripScene;
  readonly axis: AxisBody;
  /** Of several cells that share a pixel. */
  readonly summarize: (span: Span) => string;
  readonly describe: ((ordinal: number) => ReactNode) | undefined;
}) {
  const pointed = useSyncExternalStore(scene.subscribe, scene.pointed);
  if (pointed.kind === 'nothing') return null;
  return (
    <Portal>
      <Paper
        className="strip-card"
        shadow="md"
        withBorder
        px="sm"
        py="xs"
        style={placeNear(pointed)}
        role={pointed.kind === 'cells' && pointed.isByKeys ? 'status' : 'tooltip'}
      >
        {pointed.kind === 'drag' ? (
          <Drag pointed={pointed} axis={axis} />
        ) : (
          <Cells pointed={pointed} axis={axis} describe={describe} summarize={summarize} />
        )}
      </Paper>
    </Portal>
  );
}

type Shown<Kind extends Pointed['kind']> = Extract<Pointed, {kind: Kind}>;

function Drag({pointed, axis}: {readonly pointed: Shown<'drag'>; readonly axis: AxisBody}) {
  const text = textOf(pointed.ordinals, axis);
  return (
    <Text size="sm" className="number" ta="left">
      <b>{counted(countOf(pointed.ordinals), 'partition')}</b>
      <br />
      {text.length > 80 ? `${text.slice(0, 78)}…` : text}
    </Text>
  );
}

function Cells({
  pointed: {span},
  axis,
  describe,
  summarize,
}: {
  readonly pointed: Shown<'cells'>;
  readonly axis: AxisBody;
  readonly describe: ((ordinal: number) => ReactNode) | undefined;
  readonly summarize: (span: Span) => string;
}) {
  if (span.to - span.from === 1 && describe !== undefined) return describe(span.from);
  const [first = '', last = ''] = [axis.keys[span.from], axis.keys[span.to - 1]];
  return (
    <>
      <Text size="sm" fw={600}>
        {first === last ? keyInWords(first) : `${first} … ${last}`}
      </Text>
      <Text size="xs" className="quiet">
        {summarize(span)}
      </Text>
    </>
  );
}

const WIDTH = 360;
const MARGIN = 8;

/** Below the cell, or above where there is more room. */
function placeNear({x, top, bottom}: Shown<'drag' | 'cells'>) {
  const width = Math.min(WIDTH, window.innerWidth - 2 * MARGIN);
  const left = Math.max(MARGIN, Math.min(x - width / 2, window.innerWidth - width - MARGIN));
  return bottom < window.innerHeight * 0.62
    ? {left, top: bottom + MARGIN}
    : {left, bottom: window.innerHeight - top + MARGIN};
}
