/**
 * The sentence of every reason and note: the one place where a verdict becomes words.
 * It does not deal with which reason holds, nor with layout, colour or counting partitions.
 */
import {counted, number, scoreText} from './amount.ts';
import {type Note, type PartitionRef, type Reason, splitRef} from './reason.ts';
import {unreachable} from './unreachable.ts';

/** Without a full stop and without the state's name. `now` (milliseconds) makes times relative; without it they are UTC. */
export function sentence(reason: Reason, now?: number): string {
  switch (reason.kind) {
    case 'definition-changed':
      return `its ${PARTS[reason.part]} changed`;
    case 'schema-changed':
      return columnChanges(reason);
    case 'upstream-changed':
      return `${listed(reason)} changed`;
    case 'source-changed':
      return `${listed(reason)}, which others make, changed`;
    case 'upstream-arrived':
      return `${listed(reason)} arrived`;
    case 'upstream-lost':
      return `${listed(reason)} ${reason.count === 1 ? 'is' : 'are'} no longer there`;
    case 'quality-changed':
      return `the quality of its inputs, which its query reads, was ${reason.was} and is ${reason.is}`;
    case 'gate':
      return `its inputs score ${least(reason)}${scoreText(reason.score)}, below its gate of ${reason.gate}: ${reason.upstream} ${reason.count === 1 ? 'pulls' : 'and others pull'} them down`;
    case 'window-changed':
      return 'it reads other upstream partitions than it did';
    case 'calendar-changed':
      return 'its calendar entry changed: other games, teams or season';
    case 'never-materialized':
      return 'never materialized';
    case 'not-observed':
      return 'made by others and not looked at yet';
    case 'source-gone':
      return 'observed once, and not there any more';
    case 'forgotten':
      return 'published once and forgotten since';
    case 'too-late':
      return `too late: its source shows it for ${span(reason.liveFor)} after it is due`;
    case 'forgotten-by':
      return `forgotten by ${reason.by}: ${unstopped(reason.why)}`;
    case 'marked-fresh':
      return `marked fresh by ${reason.by}: ${unstopped(reason.why)}`;
    case 'adopted-by':
      return `taken over as it lay there by ${reason.by}: ${unstopped(reason.why)}`;
    case 'bootstrap':
      return `within the first ${counted(reason.days, 'day')} of its season`;
    case 'before-start':
      return `before its start, ${reason.start}`;
    case 'after-end':
      return `after its end, ${reason.end}`;
    case 'upstream-exempt':
      return `${reason.upstream} is exempt`;
    case 'on-demand':
      return 'read only as a lower source, and not asked for yet';
    case 'accepted-gap':
      return `accepted by ${reason.by} on ${reason.on}: ${unstopped(reason.reason)}`;
    case 'upstream-accepted':
      return `${reason.upstream} is an accepted gap`;
    case 'games-not-final':
      return `${counted(reason.games, 'game')} not final yet`;
    case 'not-yet':
      return `due ${moment(reason.dueAt, now)}`;
    case 'no-known-games':
      return 'its season has no known game yet';
    case 'upstream-not-due':
      return `${reason.upstream} is not due yet`;
    case 'below-coverage':
      return `holds ${reason.found} of ${counted(reason.expected, 'game')}${absentGames(reason.absent)}`;
    case 'refresh':
      return `asked for again on the clock${untilStart(reason.until, now)}, last tried ${moment(reason.lastTriedAt, now)}`;
    case 'better-source':
      return `${reason.upstream} was made of a lower source or of too little, and this one may answer by now, last tried ${moment(reason.lastTriedAt, now)}`;
    case 'if-source-fails':
      return `fetched only if the better sources of ${reason.upstream} fail`;
    case 'forced':
      return 'made again because --force says so';
    case 'carried':
      return `carried from ${reason.from}, where it was last made ${moment(reason.madeAt, now)}`;
    case 'last-attempt-failed':
      return `the last attempt failed: ${unstopped(reason.error)}`;
    case 'last-attempt-quarantined':
      return `the last attempt was quarantined: ${unstopped(reason.error)}`;
    case 'upstream-planned':
      return `reads ${andMore(reason)}`;
    case 'upstream-missing':
      return `${andMore(reason)} ${reason.count === 1 ? 'is' : 'are'} missing`;
    case 'upstream-other':
      return `${andMore(reason)} ${reason.count === 1 ? 'is another' : 'are others'} here than where it was made`;
    case 'upstream-failed':
      return `${andMore(reason)} failed`;
    case 'upstream-partial':
      return `${whatHolds(reason)} ${heldText(reason)} of what it should, below ${share(reason.atLeast, 1)}`;
    case 'calendar-unsettled':
      return `the calendar '${reason.calendar}' is made first`;
    case 'parked':
      return `parked: failed ${counted(reason.failures, 'time')} (${unstopped(reason.error)})${nextTry(reason.nextTryAt, now)}`;
    case 'protected':
      return 'protected: only --allow-protected touches what was made';
    case 'site-closed':
      return `the site '${reason.site}' was not asked any more: ${unstopped(reason.because)}`;
    case 'over-budget':
      return `the day's budget of the site '${reason.site}' does not reach for it; it begins anew ${moment(reason.resetsAt, now)}`;
    case 'season-stopped':
      return `not begun: season ${reason.season} ended with ${counted(reason.count, 'partition')} that failed or wait`;
    case 'leased':
      return `held by ${reason.holder}`;
    case 'undeclared':
      return 'recorded, and nothing declares its key any more';
    default:
      return unreachable(reason);
  }
}

/** Of reasons told as one. */
function least({count}: {readonly count: number}): string {
  return count === 1 ? '' : 'as little as ';
}

function whatHolds({upstream, parts}: Extract<Reason, {kind: 'upstream-partial'}>): string {
  if (parts === 1) return `${upstream} holds`;
  return `its window of ${splitRef(upstream).asset}, which lacks ${upstream}, holds`;
}

function heldText(reason: Extract<Reason, {kind: 'upstream-partial'}>): string {
  return reason.held === 0 && reason.count === 1
    ? 'nothing'
    : least(reason) + share(reason.held, reason.expected);
}

/** What others wrote, to stand within a sentence. */
export function unstopped(text: string): string {
  return text.replace(/(?<!\.)\.$/, '');
}

/** Without a full stop. */
export function noteSentence(note: Note): string {
  switch (note.kind) {
    case 'built-on-stale':
      return `built on stale ${andMore(note)}`;
    case 'schedule-not-final':
      return 'its schedule does not call every game final, 36 hours after the last one began';
    case 'previous-passed-over':
      return `the previous key ${note.upstream} is passed over`;
    default:
      return unreachable(note);
  }
}

const PARTS = {
  query: 'query',
  functions: 'function library',
  code: 'code',
  columns: 'columns',
  key: 'key',
  upstream: 'list of upstream assets',
  output: 'output',
  scheme: 'fingerprint scheme',
} as const;

function listed({
  upstream,
  count: total,
}: {
  readonly upstream: readonly PartitionRef[];
  readonly count: number;
}): string {
  const more = total - upstream.length;
  const names = more > 0 ? upstream : upstream.slice(0, -1);
  const last = more > 0 ? `${more} more` : upstream.at(-1);
  return names.length === 0 ? `${last}` : `${names.join(', ')} and ${last}`;
}

function andMore({
  upstream,
  count: total,
}: {
  readonly upstream: PartitionRef;
  readonly count: number;
}): string {
  return total > 1 ? `${upstream} and ${number(total - 1)} more` : upstream;
}

/** Each change with what it does to the rows that are published. */
function columnChanges(reason: Extract<Reason, {kind: 'schema-changed'}>): string {
  const {added, dropped, retyped, types, partitions = 1} = reason;
  const [many, until] =
    partitions === 1 ? ['', 'it is'] : [` in ${counted(partitions, 'partition')}`, 'they are'];
  const part = (names: readonly string[], text: (columns: string) => string) =>
    names.length === 0 ? [] : [text(`${names.length === 1 ? 'column' : 'columns'} ${names.join(', ')}`)];
  const arrows = retyped.map(name => `${name} ${types[name]?.was ?? '?'} -> ${types[name]?.is ?? '?'}`);
  return [
    ...part(added, columns => `${columns} added: null${many} until ${until} made again`),
    ...part(dropped, columns => `${columns} dropped: the values go with each partition that is made again`),
    ...part(
      arrows,
      columns => `${columns}: published values are converted with the first partition that is made again`,
    ),
  ].join('; ');
}

function absentGames(games: readonly string[]): string {
  if (games.length === 0) return '';
  const more = games.length > 3 ? ` and ${games.length - 3} more` : '';
  return `; absent: ${games.slice(0, 3).join(', ')}${more}`;
}

function untilStart(until: Extract<Reason, {kind: 'refresh'}>['until'], now: number | undefined): string {
  return until === undefined ? '' : ` until its ${until.start} ${moment(until.at, now)}`;
}

function nextTry(at: number | undefined, now: number | undefined): string {
  return at === undefined ? '; --force tries again' : `; next try ${moment(at, now)}`;
}

/** A share from 0 to 1 as a percentage that is never rounded up to the whole. */
function share(part: number, whole: number): string {
  return whole === 0 ? '100%' : `${Math.floor((1000 * part) / whole) / 10}%`;
}

const MINUTE_MS = 60_000;
const UNITS = [
  {name: 'd', ms: 1440 * MINUTE_MS},
  {name: 'h', ms: 60 * MINUTE_MS},
  {name: 'min', ms: MINUTE_MS},
] as const;

/** A length of time in its largest whole unit. */
function span(ms: number): string {
  const unit = UNITS.find(each => ms % each.ms === 0) ?? UNITS[2];
  return `${ms / unit.ms} ${unit.name}`;
}

function moment(at: number, now: number | undefined): string {
  if (now === undefined) return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const away = Math.abs(at - now);
  const unit = UNITS.find(({ms}) => away >= 2 * ms) ?? UNITS[2];
  const text = `${Math.max(1, Math.round(away / unit.ms))} ${unit.name}`;
  return at > now ? `in ${text}` : `${text} ago`;
}
