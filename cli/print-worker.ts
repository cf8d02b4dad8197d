/**
 * What a worker says while it works: whom it works for, every few seconds what it made, and at the end how much.
 * It does not deal with causes of failures: the run that it works for tells them.
 */
import {counted} from '../planner/amount.ts';
import {OUTCOMES} from '../planner/ledger.ts';
import {visible} from '../report/text.ts';
import {addCounts, countOutcomes, type OutcomeCounts} from '../runner/event.ts';
import type {WorkerNews} from '../runner/worker.ts';
import type {World} from './world.ts';

/** How often it says what it made, in milliseconds. */
const TICK_MS = 5_000;

export interface WorkerStart {
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  readonly ledger: string;
}

export class WorkerLog {
  readonly #world: Pick<World, 'write' | 'now'>;
  readonly #isJson: boolean;
  readonly #complain: (text: string) => void;
  readonly #start: WorkerStart;
  readonly #timer: NodeJS.Timeout;
  #untold = countOutcomes([]);
  #run = '';

  constructor(
    world: Pick<World, 'write' | 'now'>,
    {
      isJson,
      complain,
      ...start
    }: WorkerStart & {readonly isJson: boolean; readonly complain: (text: string) => void},
  ) {
    this.#start = start;
    this.#world = world;
    this.#isJson = isJson;
    this.#complain = complain;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  hear(news: WorkerNews): void {
    if (news.kind === 'trouble') {
      this.#complain(news.text);
      return;
    }
    const {run, host, pid, ledger} = this.#start;
    if (news.kind === 'ready')
      this.#say(
        {kind: 'worker-ready', run, host, pid},
        `Worker ${run} (process ${pid} on ${visible(host)}) takes work by the ledger ${visible(ledger)}.`,
      );
    else if (this.#isJson) this.#say(news, '');
    else if (news.kind === 'serving') {
      this.#tick();
      this.#run = news.run;
      this.#say(news, `Works for run ${news.run}.`);
    } else this.#untold = addCounts([this.#untold, news.counts]);
  }

  interrupted(times: 1 | 2): void {
    const text =
      times === 1
        ? 'Ends when what is at work is done; once more cancels it.'
        : 'Cancels what is at work; the run hands it to others.';
    this.#say({kind: 'interrupted', times}, text);
  }

  end(counts: OutcomeCounts): void {
    this.#tick();
    this.#say({kind: 'summary', ...counts}, `Made ${countsText(counts)}.`);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#untold.requested === 0) return;
    const counts = this.#untold;
    this.#untold = countOutcomes([]);
    this.#say({}, `Run ${this.#run}: ${countsText(counts)}.`);
  }

  #say(json: object, text: string): void {
    if (this.#isJson) this.#world.write(`${JSON.stringify({at: this.#world.now(), ...json})}\n`);
    else this.#world.write(`${text}\n`);
  }
}

function countsText(counts: OutcomeCounts): string {
  const parts = OUTCOMES.filter(outcome => counts[outcome] > 0).map(
    outcome => `${counts[outcome]} ${outcome}`,
  );
  const total = counted(counts.requested, 'partition');
  return parts.length === 0 ? total : `${total}: ${parts.join(', ')}`;
}
