/**
 * A run as the ledger has it, and what the line to the server told since.
 * It does not deal with how it is shown.
 */
import type {LiveMessage} from '../../server/live-message.ts';
import type {RunLineBody} from '../../server/schema/run.ts';

export type Told = Pick<Extract<LiveMessage, {kind: 'progress'}>, 'counts' | 'rate' | 'etaMs'>;

/** What is newer wins: counts only grow. */
export function withProgress<Run extends RunLineBody>(
  run: Run,
  progress: ReadonlyMap<string, Told>,
): Run & {readonly rate: number | null; readonly etaMs: number | null} {
  const told = run.status === 'running' ? progress.get(run.id) : undefined;
  const known = run as Partial<{rate: number | null; etaMs: number | null}>; // a line of the list has neither
  return {
    ...run,
    counts: told?.counts ?? run.counts,
    rate: told?.rate ?? known.rate ?? null,
    etaMs: told?.etaMs ?? known.etaMs ?? null,
  };
}

/** How fast it goes and how long it will take, as far as that is known. */
export function paceTexts({
  rate,
  etaMs,
}: {
  readonly rate: number | null;
  readonly etaMs: number | null;
}): readonly string[] {
  return [
    ...(rate === null || rate === 0 ? [] : [rateText(rate)]),
    ...(etaMs === null ? [] : [leftText(etaMs)]),
  ];
}

/** `24.6 a second`, or `18 a minute` where it is slow. */
export function rateText(rate: number): string {
  if (rate >= 10) return `${Math.round(rate)} a second`;
  return rate >= 1
    ? `${rate.toFixed(1)} a second`
    : `${(rate * 60).toFixed(rate * 60 < 10 ? 1 : 0)} a minute`;
}

/** What is left, roughly: nobody needs its seconds when it takes minutes. */
export function leftText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `about ${seconds < 20 ? seconds : Math.round(seconds / 5) * 5} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${minutes} min left` : `about ${Math.round(minutes / 6) / 10} h left`;
}
