/**
 * What is remembered of alerts, how a look changes it, and what of it is to be told now: one message a kind and cause in
 * four hours, some kinds at once and the rest with the digest.
 * It does not deal with what a message looks like (alert-message.ts) nor where the memory is kept.
 */
import {
  type AlertKind,
  type AlertLine,
  type AlertMemory,
  type Ended,
  EVENTS_MARK,
  FOLD_MS,
  type Found,
  isStanding,
  type Look,
  lineId,
  type RunBrief,
  topicId,
} from './alert.ts';

/** What is told in one message: each kind and cause once. */
export interface Draft {
  readonly why: 'at-once' | 'digest';
  readonly topics: readonly DraftTopic[];
}

export interface DraftTopic {
  readonly kind: AlertKind;
  readonly cause: string;
  readonly lines: readonly {readonly about: string; readonly keys: readonly string[]}[];
  readonly since: number;
  readonly runs: readonly RunBrief[];
}

export interface Telling {
  readonly now: number;
  /** Kinds that do not wait for the digest. */
  readonly atOnce: readonly AlertKind[];
  /** When the digest comes next after a time. */
  readonly digestAfter: (time: number) => number;
  /** A large run is under way: what it leads to is told when it is over. */
  readonly isBusy: boolean;
}

/** Up to which time digests were told. */
const DIGEST = 'digest';

/** So many messages at once within four hours, whatever their causes; what comes after them waits and is folded. */
const MOST_AT_ONCE = 6;

/** So long marks are kept: what they name is not asked for again after that. */
const MARKS_MS = 45 * 86_400_000;

/** Takes in a look. What is known is not found again, and what ended before it was told is forgotten. */
export function learn(memory: AlertMemory, look: Look, now: number): AlertMemory {
  const book = new Book(memory.lines);
  for (const ended of look.ended) book.end(ended, now);
  for (const found of look.found) {
    if (!isMarked(found, memory)) book.add(found, now);
  }
  const marks = new Map(memory.marks);
  // Another look may have been quicker, and have read on.
  for (const [name, value] of look.marks) marks.set(name, Math.max(value, marks.get(name) ?? value));
  return {...memory, lines: book.lines(), marks};
}

/** Whether another look has taken it in: two commands may look at once. */
function isMarked({once, event}: Found, {marks}: AlertMemory): boolean {
  if (once !== undefined && marks.has(once)) return true;
  return event !== undefined && event <= (marks.get(EVENTS_MARK) ?? 0);
}

/** What is to be told now, as told; undefined where nothing is. */
export function tell(
  memory: AlertMemory,
  telling: Telling,
): {readonly memory: AlertMemory; readonly draft: Draft | undefined} {
  const {now} = telling;
  const isDigest = isDigestDue(memory, telling);
  const topics = dueTopics(memory, telling, isDigest);
  const marks = new Map([...memory.marks].filter(([name, at]) => !isOld(name, at, now)));
  if (isDigest || (marks.get(DIGEST) ?? Number.POSITIVE_INFINITY) > now) marks.set(DIGEST, now);
  const toldAt = new Map([...memory.toldAt].filter(([, at]) => isFolded(at, now)));
  if (topics.size === 0) return {memory: {...memory, marks, toldAt}, draft: undefined};
  for (const id of topics.keys()) toldAt.set(id, now);
  const why = isDigest ? 'digest' : 'at-once';
  const told = new Set([...topics.values()].flat());
  const lines = new Map(
    [...memory.lines].flatMap(([id, line]) => {
      const after = told.has(line) ? asTold(line) : line;
      return after === undefined ? [] : [[id, after]];
    }),
  );
  const sent = why === 'digest' ? memory.sent : [...memory.sent, now];
  return {
    memory: {lines, toldAt, marks, sent: sent.filter(at => isFolded(at, now))},
    draft: {why, topics: [...topics.values()].map(topicOf)},
  };
}

/** Whether something is to be told now, by what is known already. */
export function hasToTell(memory: AlertMemory, telling: Telling): boolean {
  return dueTopics(memory, telling, isDigestDue(memory, telling)).size > 0;
}

function isDigestDue({marks}: AlertMemory, {now, digestAfter, isBusy}: Telling): boolean {
  const next = digestAfter(marks.get(DIGEST) ?? now);
  return next <= now && !(isBusy && now - next < FOLD_MS);
}

/** Lines by kind and cause. */
function dueTopics(
  {lines, toldAt, sent}: AlertMemory,
  {now, atOnce, isBusy}: Telling,
  isDigest: boolean,
): ReadonlyMap<string, readonly AlertLine[]> {
  const waiting = Map.groupBy(
    [...lines.values()].filter(line => line.waiting.length > 0),
    topicId,
  );
  const hasRoom = isDigest || sent.filter(at => isFolded(at, now)).length < MOST_AT_ONCE;
  return new Map(
    [...waiting].filter(([id, own]) => {
      if (isFolded(toldAt.get(id) ?? Number.NEGATIVE_INFINITY, now)) return false;
      if (isDigest) return true;
      const isHeld = isBusy && own.every(({waitingSince = now}) => isFolded(waitingSince, now));
      return hasRoom && !isHeld && own.some(({kind}) => atOnce.includes(kind));
    }),
  );
}

/** What stands goes on as told; what happened is over. */
function asTold(line: AlertLine): AlertLine | undefined {
  if (!isStanding(line.kind)) return undefined;
  return {
    ...line,
    waiting: [],
    told: [...line.told, ...line.waiting],
    waitingSince: undefined,
    runs: [],
  };
}

function topicOf(lines: readonly AlertLine[]): DraftTopic {
  const [first] = lines;
  if (first === undefined) throw new Error('Internal error: a topic without lines');
  const runs = new Map(lines.flatMap(line => line.runs.map(run => [run.id, run] as const)));
  return {
    kind: first.kind,
    cause: first.cause,
    lines: [...Map.groupBy(lines, ({about}) => about)].map(([about, own]) => ({
      about,
      keys: own.flatMap(({waiting}) => waiting),
    })),
    since: Math.min(...lines.map(({since}) => since)),
    runs: [...runs.values()],
  };
}

/** Also a time to come is so near only: a clock that was set back must not silence anything until it has caught up. */
function isFolded(at: number, now: number): boolean {
  return Math.abs(now - at) < FOLD_MS;
}

function isOld(name: string, at: number, now: number): boolean {
  return name.includes(' ') && now - at > MARKS_MS;
}

interface OpenLine extends Omit<AlertLine, 'waiting' | 'told'> {
  readonly waiting: Set<string>;
  readonly told: Set<string>;
}

/** Lines while they change. */
class Book {
  readonly #lines: Map<string, OpenLine>;
  /** `kind about key` to the line that has it. */
  readonly #known = new Map<string, string>();
  /** Since when what stands and was found again has stood, by line: what has ended of it counts no more. */
  readonly #since = new Map<string, number>();

  constructor(lines: AlertMemory['lines']) {
    this.#lines = new Map(
      [...lines].map(([id, line]) => [
        id,
        {...line, waiting: new Set(line.waiting), told: new Set(line.told)},
      ]),
    );
    for (const [id, {kind, about, waiting, told}] of lines)
      for (const key of [...waiting, ...told]) this.#known.set(nameOf({kind, about, key}), id);
  }

  lines(): AlertMemory['lines'] {
    return new Map(
      [...this.#lines].flatMap(([id, line]) =>
        line.waiting.size + line.told.size === 0
          ? []
          : [
              [
                id,
                {
                  ...line,
                  waiting: [...line.waiting],
                  told: [...line.told],
                  since: this.#since.get(id) ?? line.since,
                },
              ],
            ],
      ),
    );
  }

  add(found: Found, now: number): void {
    this.#addNew(found, now);
    if (isStanding(found.kind)) this.#stands(found);
  }

  #addNew(found: Found, now: number): void {
    const {kind, about, run} = found;
    const isNew = (key: string) => !isStanding(kind) || !this.#known.has(nameOf({kind, about, key}));
    const keys = found.keys.filter(isNew).filter(key => !(isStanding(kind) && this.#takeBack(found, key)));
    if (keys.length === 0) return;
    const id = lineId(found);
    const line = this.#lines.get(id);
    const runs = new Map([...(line?.runs ?? []), ...(run === undefined ? [] : [run])].map(r => [r.id, r]));
    this.#lines.set(id, {
      kind,
      about,
      was: found.was,
      cause: line?.cause ?? found.cause,
      waiting: new Set([...(line?.waiting ?? []), ...keys]),
      told: line?.told ?? new Set(),
      since: Math.min(line?.since ?? found.since, found.since),
      waitingSince: (line?.waiting.size === 0 ? undefined : line?.waitingSince) ?? now,
      runs: [...runs.values()],
    });
    for (const key of keys) this.#known.set(nameOf({kind, about, key}), id);
  }

  #stands({kind, about, keys, since}: Found): void {
    for (const key of keys) {
      const id = this.#known.get(nameOf({kind, about, key}));
      if (id !== undefined) this.#since.set(id, Math.min(this.#since.get(id) ?? since, since));
    }
  }

  /** A gap whose healing nobody was told of yet is open again: there is nothing new to tell. */
  #takeBack({kind, cause, about, since}: Found, key: string): boolean {
    if (kind === 'source-down') return false;
    const name = nameOf({kind: 'gap-healed', about, key});
    const healed = this.#lines.get(this.#known.get(name) ?? '');
    if (healed?.waiting.delete(key) !== true) return false;
    this.#known.delete(name);
    if (healed.was !== kind) return false;
    const id = lineId({kind, cause, about});
    const line = this.#lines.get(id);
    const told = (line?.told ?? new Set<string>()).add(key);
    const nothing = {waiting: new Set<string>(), waitingSince: undefined, runs: []};
    const base = {kind, cause, about, was: undefined, since, ...nothing};
    this.#lines.set(id, {...(line ?? base), told});
    this.#known.set(nameOf({kind, about, key}), id);
    return true;
  }

  end({kind, about, key, isHealed}: Ended, now: number): void {
    const name = nameOf({kind, about, key});
    const line = this.#lines.get(this.#known.get(name) ?? '');
    if (line === undefined) return;
    this.#known.delete(name);
    line.waiting.delete(key);
    const wasTold = line.told.delete(key);
    const isTold = this.#known.has(nameOf({kind: 'gap-healed', about, key}));
    if (!wasTold || !isHealed || kind === 'source-down' || isTold) return;
    const {cause, since} = line;
    this.add({kind: 'gap-healed', cause, about, keys: [key], was: kind, since}, now);
  }
}

function nameOf({kind, about, key}: Pick<Ended, 'kind' | 'about' | 'key'>): string {
  return `${kind} ${about} ${key}`;
}
