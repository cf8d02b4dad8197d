/**
 * What each kind of error of the ledger, the warehouse and the store means and how it is mended. Their messages have the
 * place and the mend of the case itself. It does not deal with mistakes in what a user wrote (diagnostic-notes.ts).
 */
import type {LedgerErrorKind} from '../runner/ledger-error.ts';
import type {StoreError} from '../runner/store.ts';
import type {WarehouseError} from '../runner/warehouse.ts';

export interface FailureNote {
  readonly means: string;
  readonly mend: string;
}

export const LEDGER_NOTES: Readonly<Record<LedgerErrorKind, FailureNote>> = {
  newer: {
    means: 'A later version of gameplan has written the ledger.',
    mend: 'Use that version. A copy from before it was brought forward lies beside it (`ledger.sqlite.version-…`).',
  },
  'other-program': {
    means: 'The file is a SQLite database of another program.',
    mend: 'Name another file under `targets.NAME.ledger`.',
  },
  'other-pipeline': {
    means:
      'The ledger belongs to a pipeline of another `name`, which would count all that it holds as left over.',
    mend: 'Name another file; where the pipeline only got another name, `gameplan ledger rename`.',
  },
  'not-a-ledger': {
    means: 'The file is no SQLite database.',
    mend: 'Put it elsewhere. `gameplan ledger rebuild` makes a ledger from the receipts beside the data.',
  },
  damaged: {
    means: 'The database cannot be read as a whole: a disk or a copy lost a part of it.',
    mend: '`gameplan ledger rebuild` writes it anew from receipts; plans stay the same, history is lost. The old file is kept.',
  },
  unreadable: {
    means: 'The file or its folder cannot be opened, read or written.',
    mend: 'Give this user the right to read and write both. A ledger on a network disk is not supported.',
  },
  busy: {
    means: 'Another process has held the ledger for longer than a command waits.',
    mend: 'Run the command again. Where nothing is at work, another program has the file open.',
  },
  unreachable: {
    means: 'The PostgreSQL server of the ledger did not answer, or went away in the middle.',
    mend: 'Look after the server and the way there, and run the command again: what was not recorded is made again, and what was published is known by its receipt.',
  },
  denied: {
    means: 'The PostgreSQL server refuses the user, the password, the database, or what the user does there.',
    mend: 'Look after the variable that holds the URL; the user needs the right to create a schema in that database.',
  },
  'disk-full': {
    means: 'The disk has no room for what is to be recorded.',
    mend: 'Make room. `gameplan clean` deletes what no plan needs. What was published stays.',
  },
};

export const WAREHOUSE_NOTES: Readonly<Record<WarehouseError['kind'], FailureNote>> = {
  query: {
    means: 'A query failed over the rows of a batch, such as a text that is no number.',
    mend: 'The batch is halved until the partition stands alone; the message has the row or the cast. Mend the query or the input.',
  },
  statement: {
    means: 'A query fails whatever the rows are, such as one that names an unknown column.',
    mend: '`gameplan validate` says where. No batch is halved for it.',
  },
  shape: {
    means:
      'Rows do not fit what is declared: another key than those asked for, a type, a null in the key, two rows of one key.',
    mend: 'Mend the query; where it joins windows, join `EDGE_window` ([Adding an asset](../assets.md)).',
  },
  locked: {
    means: 'DuckDB lets one process open the file, and another holds it. The message names which.',
    mend: 'Close the other program, or wait: a run waits as long as `--wait` says.',
  },
  'disk-full': {
    means: 'The disk has no room for the rows. It ends the run, and no partition is blamed.',
    mend: 'Make room and run the same command again: what was published stays.',
  },
  unreadable: {
    means: 'The file cannot be opened, is damaged or is of another program.',
    mend: 'The message has the path and the cause. `gameplan doctor` looks at all that a target needs.',
  },
  cancelled: {
    means: "The statement was ended by an interrupt or by the asset's `timeout`.",
    mend: 'Run again; give the asset a longer `timeout` where that was it.',
  },
  credentials: {
    means: 'Google does not know who asks: no credentials, or revoked ones.',
    mend: 'See [credentials](../bigquery.md#credentials). `gameplan doctor --target NAME` tries them.',
  },
  denied: {
    means: 'Who asks is known and may not do it.',
    mend: 'The message names the permission. [Credentials](../bigquery.md#credentials) lists the roles.',
  },
  absent: {
    means: 'The project, dataset or table is not there, or lies in another location.',
    mend: 'Correct `project`, `location` or `dataset_prefix` of the target.',
  },
  quota: {
    means: 'A quota of the project is used up for now.',
    mend: 'Go on later: the same command makes what is left. `gameplan plan` says beforehand where a day would not be enough.',
  },
  budget: {
    means: 'A job would bill more than `max_bytes_billed`, or the run has billed `max_bytes_billed_per_run`.',
    mend: 'Raise the limit, or make fewer partitions at a time. The next run goes on from there.',
  },
  fenced: {
    means: 'Another process took this write over while this one slept, and has settled it.',
    mend: 'Nothing: what is published is what the other one wrote.',
  },
  other: {
    means: 'The engine refused for a cause that has no name here.',
    mend: 'The message has its own words.',
  },
};

export const STORE_NOTES: Readonly<Record<StoreError['kind'], FailureNote>> = {
  name: {
    means: 'The name of an object would lie outside its folder, or is none that the store can keep.',
    mend: 'Mend the name that the asset gives its object.',
  },
  'disk-full': {
    means: 'The disk has no room for the object.',
    mend: 'Make room, such as with `gameplan clean`, and run again.',
  },
  unreadable: {
    means: 'An object or a folder cannot be read or written.',
    mend: 'Give this user the right to.',
  },
  damaged: {
    means: 'The bytes are not those that the receipt names: somebody changed them, or the disk did.',
    mend: '`gameplan verify --data` tells all of them, each with the command that makes it right.',
  },
  credentials: {
    means: 'Google does not know who asks.',
    mend: 'See [credentials](../bigquery.md#credentials).',
  },
  denied: {
    means: 'Who asks may not read or write the bucket.',
    mend: 'Give the account `roles/storage.objectAdmin` on the bucket.',
  },
  absent: {
    means: 'There is no such bucket.',
    mend: 'Correct `bucket`, or make it, in the location of the warehouse.',
  },
  unreachable: {
    means: 'No answer of use came after about a minute of trying.',
    mend: 'Run again when the network is back: nothing was half written.',
  },
  taken: {
    means: 'Another process wrote to the same place in the meantime.',
    mend: 'Run again: what is there now is looked at first.',
  },
  other: {
    means: 'The store refused for a cause that has no name here.',
    mend: 'The message has its own words.',
  },
};
