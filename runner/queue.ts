/**
 * The queue of work that runs hand out and workers take: pg-boss, in a schema beside the ledger's. It is a hint of what
 * to do next and nothing else. What was made, by whom and from what stands in the ledger, under leases that a worker
 * takes itself: a job that is delivered twice finds its partitions made, one that comes late finds them held or made,
 * and one that is lost is planned again by the run that handed it out, or by the next.
 * It does not deal with what a job asks for (assignment.ts).
 */
import type {JobWithMetadata, PgBoss} from 'pg-boss';
import {lostQueue} from './crew-error.ts';
import type {Pulse} from './liveness.ts';

export interface QueuePlace {
  /** Of the database. */
  readonly url: string;
  /** The ledger's. */
  readonly schema: string;
}

export interface QueueOptions extends QueuePlace {
  /** Only those that name the same one share work. */
  readonly name: string;
  readonly pulse: Pulse;
  /** Is told what went wrong beside what was asked. */
  readonly warn: (text: string) => void;
}

/** A job that somebody works on. */
export interface TakenJob<Content> {
  readonly id: string;
  /** Which try this is: 0 for the first. */
  readonly retryCount: number;
  readonly content: Content;
}

/** What became of a job that was handed out; `gone`: nobody knows it any more. */
export interface JobFate {
  readonly id: string;
  readonly state: 'waiting' | 'at-work' | 'done' | 'failed' | 'gone';
  /** Which try it is. */
  readonly retryCount: number;
  /** Of one at work: changes as long as its worker shows that it lives. */
  readonly beat: number;
  /** Why its last try failed. */
  readonly error: string | undefined;
}

/** A worker that shows no sign of life for so long loses its jobs, whoever watches: pg-boss allows no less. Seconds. */
const LEAST_SILENCE_S = 10;
/** Between two looks of pg-boss at what has lost its worker, at most. Seconds. */
const LONGEST_WATCH_S = 15;
/** No job is at work for so long: a worker that hangs is ended by the time limits of what it makes. Seconds. */
const EXPIRE_S = 23 * 3_600;
/** A job that nobody took for so long is forgotten, and one that has ended. Seconds. */
const RETENTION_S = 24 * 3_600;
const KEEP_ENDED_S = 3_600;

/** Of jobs whose content is `Content`: the queue's name is to say that the same program wrote it. */
export class WorkQueue<Content extends object> {
  readonly #boss: PgBoss;
  readonly #name: string;

  private constructor(boss: PgBoss, name: string) {
    this.#boss = boss;
    this.#name = name;
  }

  /** Makes what is not there yet. Throws where the database cannot be reached. */
  static async open<Content extends object>({
    url,
    schema,
    name,
    pulse,
    warn,
  }: QueueOptions): Promise<WorkQueue<Content>> {
    const {PgBoss} = await import('pg-boss');
    const silence = Math.max(LEAST_SILENCE_S, Math.ceil(pulse.deadMs / 1_000));
    const watch = Math.min(LONGEST_WATCH_S, Math.max(1, Math.round(pulse.deadMs / 4_000)));
    const boss = new PgBoss({
      connectionString: url,
      schema: `${schema}_queue`,
      application_name: 'gameplan queue',
      max: 3,
      connectionTimeoutMillis: 10_000,
      schedule: false,
      registerInstance: false,
      monitorVacuum: false,
      reindex: false,
      superviseIntervalSeconds: watch,
      monitorIntervalSeconds: watch,
      openTelemetry: {enabled: false},
    });
    let said = '';
    boss.on('error', error => {
      // A database that is away says so again and again.
      if (error.message !== said) warn(`the queue of work: ${error.message}`);
      said = error.message;
    });
    await boss.start();
    await boss.createQueue(name, {
      heartbeatSeconds: silence,
      expireInSeconds: EXPIRE_S,
      retentionSeconds: RETENTION_S,
      deleteAfterSeconds: KEEP_ENDED_S,
    });
    return new WorkQueue<Content>(boss, name);
  }

  /** `id`: a UUID. `tries`: how many workers it may take down before it counts as failed. */
  async send(id: string, content: Content, tries: number): Promise<void> {
    await this.#boss.send(this.#name, content, {id, retryLimit: tries - 1, retryDelay: 0});
  }

  /** Throws a `CrewError` where the queue was dropped. */
  async take(): Promise<TakenJob<Content> | undefined> {
    const [job] = await this.#boss.fetch<Content>(this.#name).catch((error: unknown) => {
      throw isGone(error) ? lostQueue(error.message) : error;
    });
    if (job === undefined) return undefined;
    const {id, retryCount, data} = job;
    return {id, retryCount, content: data};
  }

  /** Shows that who took them lives. */
  async beat(jobs: readonly TakenJob<Content>[]): Promise<void> {
    if (jobs.length > 0) await this.#boss.touch(this.#name, jobs.map(attemptOf));
  }

  /** Whatever came of its partitions: that stands in the ledger. */
  async finish(job: TakenJob<Content>): Promise<void> {
    await this.#boss.complete(this.#name, attemptOf(job));
  }

  /** Gives it to the next worker, or up, where it was tried often enough. */
  async fail(job: Pick<TakenJob<Content>, 'id' | 'retryCount'>, error: string): Promise<void> {
    await this.#boss.fail(this.#name, attemptOf(job), {message: error});
  }

  async look(ids: readonly string[]): Promise<readonly JobFate[]> {
    return await Promise.all(
      ids.map(async id => {
        const [job] = await this.#boss.findJobs<Content>(this.#name, {id});
        return job === undefined
          ? {id, state: 'gone' as const, retryCount: 0, beat: 0, error: undefined}
          : fateOf(job);
      }),
    );
  }

  /** Takes back what nobody has taken. */
  async withdraw(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#boss.cancel(this.#name, [...ids]);
  }

  async close(): Promise<void> {
    await this.#boss.stop({graceful: false, close: true});
  }
}

/** SQLSTATEs of a table, a column and a schema that are not there. */
function isGone(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(42P01|42703|3F000)$/.test(String(error.code));
}

function attemptOf({id, retryCount}: {readonly id: string; readonly retryCount: number}) {
  return {id, retryCount};
}

function fateOf({id, state, retryCount, heartbeatOn, output}: JobWithMetadata<object>): JobFate {
  return {id, state: STATE[state], retryCount, beat: heartbeatOn?.getTime() ?? 0, error: messageIn(output)};
}

/** `fail` puts it there itself, pg-boss below `value`. */
function messageIn(output: object | null): string | undefined {
  if (output === null) return undefined;
  if ('message' in output) return String(output.message);
  return 'value' in output && typeof output.value === 'object' ? messageIn(output.value) : undefined;
}

const STATE: Readonly<Record<JobWithMetadata['state'], JobFate['state']>> = {
  created: 'waiting',
  retry: 'waiting',
  active: 'at-work',
  completed: 'done',
  failed: 'failed',
  cancelled: 'gone',
};
