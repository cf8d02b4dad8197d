/**
 * What a plan is asked for, as the address of its page says it: the flags of `gameplan plan`, and `keys` as a RANGE.
 * Pure. It does not deal with the form that it is typed into (form.tsx).
 */
import {isDate, isSeason} from '../../planner/duration.ts';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import type {QuestionBody} from '../../server/schema/plan.ts';
import {keysOf, ordinalsOf, parseSelection} from '../selection.ts';

/** In the order of the form. `word` is on the switch, `told` says what it does. */
export const FLAGS = [
  {name: 'missingOnly', word: 'Missing only', told: 'Leave out what is stale: fill holes alone.'},
  {
    name: 'failed',
    word: 'Failed in the last run',
    told: 'Only what failed, was quarantined or was skipped in the last run.',
  },
  {name: 'force', word: 'Force', told: 'Make what is selected even where it is fresh, parked or signed off.'},
  {name: 'prune', word: 'Prune', told: 'Drop published partitions whose keys are no longer declared.'},
  {
    name: 'allowProtected',
    word: 'Allow protected',
    told: 'Also make what the manifest protects from being made again.',
  },
  {
    name: 'ignoreGate',
    word: 'Ignore gates',
    told: 'Also make what a gate of quality holds back.',
  },
] as const satisfies readonly {name: keyof QuestionBody; word: string; told: string}[];
export type Flag = (typeof FLAGS)[number]['name'];

/** As typed, not looked at yet. */
export interface Draft {
  readonly select: string;
  readonly from: string;
  readonly to: string;
  readonly keys: string;
  readonly seasons: readonly string[];
  readonly limit: string;
  readonly flags: ReadonlySet<Flag>;
}

export function readDraft(params: URLSearchParams): Draft {
  const text = (name: string) => params.get(name)?.trim() ?? '';
  return {
    select: text('select'),
    from: text('from'),
    to: text('to'),
    keys: text('keys'),
    seasons: text('seasons').split(',').filter(Boolean),
    limit: text('limit'),
    flags: new Set(FLAGS.map(({name}) => name).filter(name => ['1', 'true'].includes(text(name)))),
  };
}

export function writeDraft(draft: Draft): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of ['select', 'from', 'to', 'keys', 'limit'] as const)
    if (draft[name].trim() !== '') params.set(name, draft[name].trim());
  if (draft.seasons.length > 0) params.set('seasons', draft.seasons.join(','));
  for (const {name} of FLAGS) if (draft.flags.has(name)) params.set(name, '1');
  return params;
}

export type Mistakes = Partial<Record<'from' | 'to' | 'keys' | 'seasons' | 'limit', string>>;

/** `axes`: where the keys lie that a selection means. */
export function questionOf(
  draft: Draft,
  axes: readonly AxisBody[],
): {readonly question: QuestionBody | undefined; readonly mistakes: Mistakes} {
  const mistakes: Mistakes = {};
  for (const end of ['from', 'to'] as const)
    if (draft[end] !== '' && !isDate(draft[end])) mistakes[end] = 'Write a date, such as 2024-10-22.';
  if (mistakes.from === undefined && mistakes.to === undefined && draft.to !== '' && draft.from > draft.to)
    mistakes.to = `Before the first date, ${draft.from}.`;
  const odd = draft.seasons.find(season => !isSeason(season));
  if (odd !== undefined) mistakes.seasons = `'${odd}' is no season: write 2023-24.`;
  if (draft.limit !== '' && !/^[1-9]\d{0,8}$/.test(draft.limit))
    mistakes.limit = 'Write a whole number above 0.';
  const keys = draft.keys === '' ? undefined : keysIn(draft.keys, axes);
  if (typeof keys === 'string') mistakes.keys = keys;
  if (Object.keys(mistakes).length > 0 || typeof keys === 'string') return {question: undefined, mistakes};
  const flag = (name: Flag) => draft.flags.has(name);
  return {
    mistakes,
    question: {
      select: draft.select,
      failed: flag('failed'),
      missingOnly: flag('missingOnly'),
      force: flag('force'),
      prune: flag('prune'),
      allowProtected: flag('allowProtected'),
      ignoreGate: flag('ignoreGate'),
      ...(draft.from === '' ? {} : {from: draft.from}),
      ...(draft.to === '' ? {} : {to: draft.to}),
      ...(keys === undefined ? {} : {keys: [...keys]}),
      ...(draft.seasons.length === 0 ? {} : {seasons: [...draft.seasons]}),
      ...(draft.limit === '' ? {} : {limit: Number(draft.limit)}),
    },
  };
}

/** A text says why there are none. */
function keysIn(text: string, axes: readonly AxisBody[]): readonly string[] | string {
  const parsed = parseSelection(text);
  if (!parsed.isValid) return parsed.mistakes[0]?.message ?? 'This is no range of keys.';
  const keys = new Set(axes.flatMap(axis => keysOf(ordinalsOf(parsed.items, axis), axis)));
  // What is named alone is asked for even so: the server says that nothing has such a key.
  for (const item of parsed.items) if (item.kind === 'range' && item.from === item.to) keys.add(item.from);
  return keys.size === 0 ? `No partition has a key in '${text}'.` : [...keys].sort();
}

/** A flag that overrides what somebody decided asks for the reason. */
export function needsReason({force, allowProtected, ignoreGate, prune}: QuestionBody): boolean {
  return force || allowProtected || ignoreGate || prune;
}
