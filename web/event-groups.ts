/**
 * Events that tell the same of several games of a partition, as one.
 * It does not deal with what became of them: that is part of being the same.
 */
import type {EventBody} from '../server/schema/gap.ts';

export interface EventGroup extends Omit<EventBody, 'game'> {
  /** Empty: the whole partition. */
  readonly games: readonly string[];
}

/** Neighbours only, so that the order stays that of the log. */
export function groupEvents(events: readonly EventBody[]): readonly EventGroup[] {
  const groups: (Omit<EventGroup, 'games'> & {games: string[]})[] = [];
  let last: string | undefined;
  for (const {game, ...event} of events) {
    const name = JSON.stringify(event);
    if (game !== null && name === last) groups.at(-1)?.games.push(game);
    else groups.push({...event, games: game === null ? [] : [game]});
    // What tells of the whole partition stands alone.
    last = game === null ? undefined : name;
  }
  return groups;
}
