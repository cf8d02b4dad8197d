/**
 * Which sources are down, by the share of their last tries that were answered.
 * It does not deal with why a single try failed.
 */
import type {AlertMemory, Ended, Found} from './alert.ts';
import {number} from './amount.ts';

/** One request for a partition, of a cascade's source or of a site. */
export interface SourceTry {
  readonly source: string;
  readonly isAnswer: boolean;
  /** Why not, where it is known. */
  readonly detail: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Of the last so many tries within a day. */
const LAST = 20;
const DAY_MS = 86_400_000;
/** Fewer say nothing. */
const LEAST = 5;
/** Down below the first share; up again from the second on, or once the newest were answered. */
const DOWN = 0.2;
const UP = 0.5;
const NEWEST = 3;

/** `tries` are the newest first. */
export function judgeSources(
  tries: readonly SourceTry[],
  {memory, now}: {readonly memory: AlertMemory; readonly now: number},
): {readonly found: readonly Found[]; readonly ended: readonly Ended[]} {
  const recent = Map.groupBy(
    tries.filter(({at}) => now - at < DAY_MS),
    ({source}) => source,
  );
  const found: Found[] = [];
  const ended: Ended[] = [];
  for (const [source, all] of recent) {
    const last = all.slice(0, LAST);
    const answered = last.filter(({isAnswer}) => isAnswer).length;
    const isDown = last.length >= LEAST && answered < DOWN * last.length;
    if (isDown) found.push(downOf(source, last, answered));
    const isUp = answered >= UP * last.length || last.slice(0, NEWEST).every(({isAnswer}) => isAnswer);
    if (isUp) ended.push({kind: 'source-down', about: source, key: DOWN_KEY, isHealed: true});
  }
  return {found, ended: ended.filter(({about}) => isKnown(memory, about))};
}

/** The one thing that is found of a source. */
const DOWN_KEY = 'down';

function downOf(source: string, last: readonly SourceTry[], answered: number): Found {
  const failed = last.filter(({isAnswer}) => !isAnswer);
  const why = failed[0]?.detail;
  const share = `${number(answered)} of its last ${number(last.length)} tries were answered`;
  return {
    kind: 'source-down',
    cause: why === undefined ? share : `${share}; the last: ${why}`,
    about: source,
    keys: [DOWN_KEY],
    since: failed.at(-1)?.at ?? 0,
  };
}

function isKnown({lines}: AlertMemory, source: string): boolean {
  return [...lines.values()].some(({kind, about}) => kind === 'source-down' && about === source);
}
