/**
 * Brings strips forward by what is told, also those that are still on their way: they may be from before it was told.
 * It does not deal with the line that it is told over (live.tsx).
 */
import type {LiveMessage} from '../server/live-message.ts';
import type {Strips} from '../server/strip-format.ts';

type Changes = Extract<LiveMessage, {kind: 'ledger'}>['changes'];

export class ToldMeanwhile {
  /** What was told since, of each that is on its way. */
  readonly #waiting = new Set<Changes[]>();

  async during(ask: () => Promise<Strips>): Promise<Strips> {
    const since: Changes[] = [];
    this.#waiting.add(since);
    try {
      const strips = await ask();
      for (const changes of since) apply(strips.bytes, changes);
      return strips;
    } finally {
      this.#waiting.delete(since);
    }
  }

  /** `bytes` are those that are there, changed in place. */
  tell(bytes: Strips['bytes'] | undefined, changes: Changes): void {
    for (const since of this.#waiting) since.push(changes);
    if (bytes !== undefined) apply(bytes, changes);
  }
}

function apply(bytes: Strips['bytes'], changes: Changes): void {
  for (const [asset, pairs] of changes) {
    const own = bytes.get(asset);
    for (let at = 0; own !== undefined && at + 1 < pairs.length; at += 2)
      own[pairs[at] ?? 0] = pairs[at + 1] ?? 0;
  }
}
