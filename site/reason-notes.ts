/**
 * What each state, reason and note of a plan means, and what a reader may do about it.
 * It does not deal with which holds (planner/classify.ts) nor with its sentence (planner/sentence.ts).
 */
import type {Note, Reason} from '../planner/reason.ts';
import type {State} from '../planner/state.ts';

export const STATE_NOTES: Readonly<Record<State, string>> = {
  fresh: "Published, and made from today's definition and inputs.",
  partial:
    'Published and up to date, and it holds fewer games than declared. It is made again when an input changes.',
  stale:
    'Published, and its definition or something that it read has changed since. Readers keep the old rows until it is made again.',
  missing: 'Not published although its time has come.',
  exempt: 'Declared not to exist, such as the first days of a season.',
  accepted: 'Not published, and somebody signed it off with a reason.',
  'not-due': 'Not published, and its time has not come.',
  orphan: 'The ledger holds it and nothing declares its key any more. `--prune` drops it.',
};

export const REASON_NOTES: Readonly<Record<Reason['kind'] | Note['kind'], string>> = {
  'never-materialized': 'Nothing has ever been published for this key. `gameplan materialize` makes it.',
  'not-observed': 'Others make it, and no run has looked yet. The next one does.',
  'source-gone': 'What others had put there is there no more. Ask them, or sign the gap off.',
  forgotten: 'Somebody said `gameplan forget`; the next run makes it again.',
  'too-late': 'The source shows only the present, and `live_for` is over. Only `--force` asks all the same.',
  'definition-changed':
    'The query, code, columns, key, edges or output of the asset is another. A comment or a space is no change. `gameplan plan --against REF` shows what a change does before it is made.',
  'schema-changed': 'The declared columns are others than those of the published rows.',
  'upstream-changed': 'A partition that it read has another version now. `gameplan explain` shows which.',
  'upstream-arrived': 'A partition in its window was not there when it was made, and is now.',
  'upstream-lost': 'A partition that it read is not published any more.',
  'source-changed': 'What others make was changed since it was read.',
  'window-changed':
    'Its window holds other keys than then, because the calendar gained or lost dates or games.',
  'quality-changed': 'Its query reads the score of its inputs, and that is another.',
  'calendar-changed': 'Games, teams or season of its date are others in the calendar.',
  bootstrap: '`skip_first` leaves out the first days of each season.',
  'before-start': 'Its key lies before the `start` of the asset or of the pipeline.',
  'after-end': 'Its key lies after the `end`.',
  'upstream-exempt': 'A required input on the same key is exempt, so there is nothing to make it of.',
  'on-demand': 'It is read only as a lower source, and no better one has failed.',
  'accepted-gap': 'The known-gaps file signs it off. `gameplan gaps reopen` takes that back.',
  'upstream-accepted': 'A required input on the same key is signed off.',
  'games-not-final': 'Games of its date are not over.',
  'not-yet': 'The time that `due` names has not come.',
  'no-known-games': 'The schedule knows no game of its season yet.',
  'upstream-not-due': 'Something that it needs is not due.',
  'below-coverage': 'It holds fewer games than `covers` asks for. `gameplan gaps` names the games.',
  refresh: '`refresh` has it fetched again; where the answer is the same, nothing follows.',
  'better-source': 'A lower source was used, and `improve` asks a better one again.',
  'if-source-fails': 'It is made only if the better sources of what reads it fail in this run.',
  forced: '`--force` was given.',
  carried: '`gameplan copy` brings it from another target.',
  'last-attempt-failed': 'What is published is as it was. `gameplan runs show last` has the error in full.',
  'last-attempt-quarantined':
    'A check did not hold, and the new rows are kept aside: `gameplan quarantine ASSET@KEY`.',
  'upstream-planned':
    'It reads something that this run makes. Where that comes out the same, it ends `not-needed`.',
  'forgotten-by': 'Of an attempt: who said `gameplan forget`, and why.',
  'marked-fresh': 'Of an attempt: who said `gameplan mark --fresh`, and why.',
  'adopted-by': 'Of an attempt: who took over what lay there, and why.',
  'upstream-missing':
    'A required input is not published and this run does not make it. A `+` before the selected name takes it in.',
  'upstream-failed': 'A required input failed in this run. Mend that one: `gameplan explain` leads to it.',
  'upstream-other': 'With `copy`: an input here is another than the one it was made from there.',
  'upstream-partial': 'Its window holds less than `at_least` asks for.',
  'calendar-unsettled': 'The schedule is made first; what it adds is planned after it.',
  gate: 'Its inputs score less than its `gate`. The partition that pulls them down is named; `--ignore-gate` goes past it, on record.',
  parked:
    'It failed several times with the same inputs. It is tried again later by itself, when an input changes, or with `--force`.',
  protected: '`protect: true` keeps what was published; `--allow-protected` makes it again.',
  'site-closed':
    'Its site answered nobody, or has no quota left, so it was not asked. `--failed` means it too.',
  'over-budget':
    "What its site may be asked within a day (`per_day`) does not reach for it. It is made when the site's day begins anew; dates of today come first.",
  'season-stopped': 'With `--by-season`: the season before did not come out well.',
  leased: 'Another run is making it, or holds what it needs. The holder is named.',
  undeclared: 'No key of the calendar, and no asset of the manifest, asks for it any more.',
  'built-on-stale':
    'A note: it was made of an input that is itself out of date and was left out of this run.',
  'schedule-not-final':
    'A note: its games never became final in the schedule, so 36 hours after the last began it is due all the same.',
  'previous-passed-over': 'A note: the key before it is an accepted gap, and the one before that was read.',
};
