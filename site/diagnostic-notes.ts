/**
 * What each code of a diagnostic means, for whoever reads it for the first time. The message itself names the thing and
 * the mend; this says why it is asked for. It does not deal with where a code is found.
 */
import type {DiagnosticCode} from '../planner/diagnostic.ts';

export const DIAGNOSTIC_NOTES: Readonly<Record<DiagnosticCode, string>> = {
  'empty-manifest':
    'A manifest needs a `name` and one asset at least. `gameplan init` writes a small one that works.',
  'missing-manifest':
    'The command looks for `pipeline.yaml` in the folder it runs in. Go to the project, or say `gameplan plan -C FOLDER` or `--manifest FILE`.',
  'too-large':
    'A manifest is read as a whole before anything else. What is this large was mostly generated: declare fewer assets a file.',
  'too-deep': 'No value of a manifest is nested this deep. Mostly an indentation slipped.',
  'yaml-syntax':
    'The file is no YAML, so nothing else was looked at. The squiggle is where the reader gave up; the mistake is there or just above.',
  'duplicate-key':
    'In YAML the second would silently replace the first, so one of them would have no effect.',
  'bad-key':
    'YAML reads `1`, `yes` or `2024-01-15` as a number, a truth value or a date. In quotes it is a text.',
  'merge-key':
    'What `<<` takes over would have no place of its own to point to. Write the keys out, or put them under `defaults`.',
  alias:
    'An alias (`*name`) stands for what its anchor (`&name`) holds. Here the anchor is absent, holds itself, or is repeated without end.',
  'unknown-key':
    'Unknown keys are refused, because a misspelt one would be a setting that is silently not set. See the [manifest reference](manifest.md).',
  'missing-key': 'The key is needed wherever its parent stands.',
  'misplaced-key':
    'The key exists, and says nothing for this kind of asset. Left in place, it would look as if it had an effect.',
  'wrong-type':
    'A list, a mapping, a number or a text is asked for, and another is given. A date or a version mostly needs quotes.',
  'bad-value': 'The value is of the right kind and not one of those allowed.',
  'bad-name':
    'Names become names of tables, columns and folders, so they keep to small letters, digits and `_`, and stay clear of words that queries use.',
  'bad-duration': 'A duration is a number with a unit: `90s`, `3m`, `12h`, `14 days`.',
  'bad-size': 'A size is a number with a unit: `512 MB`, `4 GiB`.',
  'bad-percentage': 'A share is written with its sign: `90%`.',
  'bad-time': 'A time of day has hours and minutes: `10:00`.',
  'bad-date': 'A date is written `2024-01-15` and must exist.',
  'bad-season': 'A season is written `2023-24`, one year and the next, and is one stretch of dates.',
  'bad-timezone': 'Zones are those of the IANA database, such as `America/New_York`.',
  'bad-window':
    'What an edge reads: `30 days`, `10 dates`, `15 games per team`, `season to date`, `previous`, `all`. Windows by games need a calendar that knows games and teams.',
  'bad-path':
    'A path stays within the project or the store and has a place for the key, so that no partition writes over another.',
  'bad-url': 'Requests go over `http` or `https`, so an address needs one of them and a host.',
  'bad-range': 'The end lies before the start, so nothing is in it.',
  'unknown-target': 'A target is what `--target` names: one of those under `targets`.',
  'unknown-calendar':
    'An asset by date or season is sliced by a calendar: by the only one, or by the one that it names.',
  'unknown-pool': 'A pool is a line under `pools` with how many of its members may be at work.',
  'unknown-site': 'A site is an entry under `sites`; a target overrides only what is there.',
  'unknown-asset': 'The name is that of no asset of this manifest.',
  'unknown-upstream':
    'An edge leads to an asset of this manifest. What others make is declared as an `external` asset.',
  'unknown-column': 'The column is not among those that the asset declares under `columns`.',
  'unknown-edge': 'The name is that of no edge of the asset that the file of cases or the check belongs to.',
  'unknown-relation':
    'A query sees the edges of its asset, their windows (`EDGE_window`) and `partitions`, and no other table.',
  'unknown-function': 'Neither the engine nor the library of gameplan has the function.',
  'missing-file': 'A path counts from the folder of the manifest.',
  'missing-variable': 'The target in use needs a value from the environment. Other targets may lack theirs.',
  'secret-in-manifest':
    'A manifest is kept in git and shown to many. Keys and passwords come from variables of the environment.',
  cycle: 'Assets that need each other can never be made. Every hop is shown; remove one.',
  'calendar-cycle':
    'A calendar is read from the schedule, so the schedule itself cannot be sliced by the dates of that calendar.',
  'calendar-mismatch': 'Dates of two calendars are two things, also where they look alike.',
  'calendar-asset': 'A calendar is read from the rows of a table that is made and checked here.',
  'unreadable-upstream':
    'SQL reads tables, and TypeScript reads stored objects; exports are read by nobody here.',
  'unsatisfiable-edge':
    'The first and last dates of the two assets exclude each other, so the asset would wait for ever.',
  'duplicate-writer': 'Two assets that write one place would undo each other.',
  'duplicate-name': 'The second of two equal names could not be told from the first.',
  'batch-on-previous':
    'What reads its own previous key is made one key after another, so a batch of several cannot be.',
  'store-mismatch': 'BigQuery loads rows from a bucket, so its target needs a `gcs` store.',
  'bad-covers':
    'Coverage counts the games that a calendar expects, so it needs a calendar with games and an asset by date.',
  'bad-check': 'The check could never hold, never fail, or compares things of two kinds.',
  'query-syntax':
    'A query is one SELECT. gameplan writes its rows itself, so INSERT, CREATE and COPY have no place in it.',
  'bad-query':
    'The statement fails whatever the rows are. It is tried over empty tables before anything is made.',
  'qualified-name':
    'A table of the warehouse holds all keys, also those outside the window, and a change of it would go unseen. Read the edge by its name.',
  'table-function': 'What is read past the edges is in no digest: a change of it would make nothing stale.',
  nondeterministic:
    'Rows that come out differently each time cannot be compared, so nothing could be called unchanged.',
  'unordered-limit': 'Without an order the engine keeps whichever rows come first, another time others.',
  'unread-edge': 'A warning: the edge makes the asset wait and makes it stale, for nothing.',
  'not-portable':
    'On a BigQuery target, or with `validate --portable`: BigQuery refuses this or reads it otherwise. [One SQL for both](../bigquery.md#one-sql-for-both) has what to write.',
  'column-mismatch': 'What a query gives and what `columns` declares must be the same, in name.',
  'module-syntax': 'The TypeScript or JavaScript file cannot be parsed, so nothing in it was run.',
  'missing-import':
    'The module imports a file or package that is not there. Packages are installed beside the project.',
  'missing-export': 'The module of a `files` asset exports `files`, that of a `rows` asset `rows`.',
  'bad-module':
    'The module uses what cannot be followed for the fingerprint, such as an import whose name is computed.',
  'bad-selector': 'The text is no selector. [Selecting](../selecting.md) has the grammar.',
  'unknown-selection':
    'The selector names an asset, tag or group that is not there, so it would select nothing.',
  'foreign-plan': 'The file is no plan that `plan --out` wrote.',
  'newer-plan':
    'The plan was written by a later version of gameplan: plan again with this one, or apply it with that one.',
  'damaged-plan':
    'A plan is applied as it was written, so one that was cut off or edited is refused. Plan again.',
};
