/**
 * Strips of made partitions and nothing else, for tests and benchmarks: `?count=100000`, and with `&gaps=3,70` only these
 * are missing and all others fresh. It does not deal with a server.
 */
import '@mantine/core/styles.css';
import './app.css';
import {MantineProvider} from '@mantine/core';
import {useState} from 'react';
import {createRoot} from 'react-dom/client';
import {dateOf, dayOf} from '../planner/day.ts';
import {CODE} from '../planner/state.ts';
import type {AxisBody} from '../server/schema/pipeline.ts';
import {STRIP} from '../server/strip-format.ts';
import {STATE_SCALE} from './looks.ts';
import {StripView} from './parts/strip.tsx';
import {countOf, type Ordinals, textOf} from './selection.ts';
import {theme} from './theme.ts';

const asked = new URLSearchParams(location.search);
const COUNT = Number(asked.get('count'));
const GAPS = asked.get('gaps')?.split(',').filter(Boolean).map(Number);
const SEASON = 1000;

function axisOf(count: number): AxisBody {
  const first = dayOf('1700-01-01');
  const keys = Array.from({length: count}, (_, ordinal) => dateOf(first + ordinal));
  const seasons = Array.from({length: Math.ceil(count / SEASON)}, (_, i) => ({
    season: String(i),
    from: i * SEASON,
    to: Math.min(count, (i + 1) * SEASON),
  }));
  return {axis: 'made', kind: 'date', keys, seasons};
}

/** Of a thousand partitions some twenty are not fresh, in no pattern. */
function bytesOf(count: number): Uint8Array {
  if (GAPS !== undefined) {
    const bytes = new Uint8Array(count).fill(CODE.fresh);
    for (const gap of GAPS) bytes[gap] = CODE.missing;
    return bytes;
  }
  let seed = 1;
  return Uint8Array.from({length: count}, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    const chance = seed % 1000;
    if (chance < 4) return CODE.missing;
    if (chance < 6) return CODE.missing | STRIP.failed;
    if (chance < 12) return CODE.stale;
    return chance < 20 ? CODE.fresh | STRIP.lowQuality : CODE.fresh;
  });
}

const axis = axisOf(COUNT);
const bytes = bytesOf(COUNT);

function Page() {
  const [selection, setSelection] = useState<Ordinals>([]);
  const [opened, setOpened] = useState('');
  const shared = {
    asset: 'made',
    axis,
    bytes,
    version: 0,
    scale: STATE_SCALE,
    selection,
    onSelect: setSelection,
    onOpen: setOpened,
  };
  return (
    <main>
      <StripView {...shared} level="line" height={28} />
      <StripView {...shared} level="weeks" height={480} />
      <output id="selected">{textOf(selection, axis)}</output>
      <output id="count">{countOf(selection)}</output>
      <output id="opened">{opened}</output>
    </main>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place to draw in');
createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="light">
    <Page />
  </MantineProvider>,
);
