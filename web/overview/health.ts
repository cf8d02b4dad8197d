/**
 * How the pipeline is, in a sentence and a few figures.
 * Pure. It does not deal with how they are laid out (health-head.tsx).
 */

import {counted, number, percent} from '../../planner/amount.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import type {Look} from '../looks.ts';

export interface Health {
  readonly standing: 'nothing-made' | 'gaps' | 'stale' | 'well';
  /** The whole of it in a sentence. */
  readonly sentence: string;
  /** What the next run does about it; empty where it has nothing to do. */
  readonly next: string;
}

export function healthOf(overview: OverviewBody): Health {
  return {...judged(overview), next: nextRun(overview)};
}

function judged({states, assets, openGaps, causes, now}: OverviewBody): Omit<Health, 'next'> {
  const {fresh, partial, stale} = states;
  if (fresh + partial + stale === 0)
    return {
      standing: 'nothing-made',
      sentence:
        openGaps === 0
          ? 'Nothing is made yet, and nothing is due.'
          : `Nothing is made yet: ${counted(openGaps, 'partition')} are due.`,
    };
  if (openGaps > 0) {
    const having = assets.filter(({states: own}) => own.missing + own.partial > 0).length;
    const since = causes.flatMap(cause => cause.since ?? []).reduce((least, at) => Math.min(least, at), now);
    const age = since < now ? `, the oldest for ${longFor(now - since)}` : '';
    return {
      standing: 'gaps',
      sentence: `${counted(openGaps, 'gap')} ${openGaps === 1 ? 'is' : 'are'} open in ${having} of ${counted(assets.length, 'asset')}${age}.`,
    };
  }
  if (stale > 0) {
    const having = assets.filter(({states: own}) => own.stale > 0).length;
    return {
      standing: 'stale',
      sentence: `No gap is open. ${counted(stale, 'partition')} ${stale === 1 ? 'is' : 'are'} stale in ${counted(having, 'asset')}.`,
    };
  }
  return {standing: 'well', sentence: 'No gap is open, and all that is due is fresh.'};
}

const HOUR = 3_600_000;

function longFor(ms: number): string {
  const hours = Math.max(1, Math.round(ms / HOUR));
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

function nextRun({planned}: OverviewBody): string {
  const parts = [
    planned.run > 0 ? `makes ${number(planned.run)}` : '',
    planned['run-if'] > 0 ? `may make ${number(planned['run-if'])}` : '',
    planned.drop > 0 ? `drops ${number(planned.drop)}` : '',
  ].filter(Boolean);
  const rest = [
    planned.wait > 0 ? `${number(planned.wait)} ${planned.wait === 1 ? 'waits' : 'wait'}` : '',
    planned.skip > 0 ? `${number(planned.skip)} ${planned.skip === 1 ? 'is' : 'are'} skipped` : '',
  ].filter(Boolean);
  if (parts.length === 0) return rest.length === 0 ? '' : `The next run makes nothing: ${rest.join(', ')}.`;
  return `The next run ${[...parts, ...rest].join(', ')}.`;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly look: Look | undefined;
  /** Where it is told in full. */
  readonly to: string | undefined;
}

export function figuresOf({states, openGaps, acceptedGaps}: OverviewBody): readonly Figure[] {
  const {fresh, partial, stale, missing} = states;
  const due = fresh + partial + stale + missing;
  return [
    {name: 'due and fresh', value: percent(fresh, due), look: 'fresh', to: undefined},
    {name: openGaps === 1 ? 'open gap' : 'open gaps', value: number(openGaps), look: 'missing', to: '/gaps'},
    {name: 'stale', value: number(stale), look: 'stale', to: undefined},
    {
      name: acceptedGaps === 1 ? 'accepted gap' : 'accepted gaps',
      value: number(acceptedGaps),
      look: 'accepted',
      to: '/gaps?standing=accepted',
    },
    {name: 'not due', value: number(states['not-due']), look: 'not-due', to: undefined},
    {name: 'partitions', value: number(total(states)), look: undefined, to: undefined},
  ];
}

function total(states: OverviewBody['states']): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0);
}
