/**
 * What all requests and jobs of one server share.
 * It does not deal with HTTP.
 */
import type {Catalog} from './bigquery-catalog.ts';
import type {Engine} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import type {Locks} from './bigquery-locks.ts';
import type {QuotaBook} from './bigquery-quota.ts';

export interface World {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly locks: Locks;
  readonly quotas: QuotaBook;
  readonly denials: Denials;
  readonly now: () => number;
  /** Where the objects of load jobs are read, such as `http://127.0.0.1:4443`. */
  readonly storageUrl: string | undefined;
}

/** What the caller may not do: permissions of https://cloud.google.com/bigquery/docs/access-control#bq-permissions. */
export class Denials {
  readonly #denied = new Set<string>();

  /** `resource`: a dataset, or `dataset.table`; left out: everywhere. */
  deny(permission: string, resource?: string): void {
    this.#denied.add(`${permission} ${resource ?? ''}`);
  }

  allow(permission: string, resource?: string): void {
    this.#denied.delete(`${permission} ${resource ?? ''}`);
  }

  allows(permission: string, dataset?: string, table?: string): boolean {
    const resources = ['', dataset ?? '', `${dataset}.${table}`];
    return !resources.some(each => this.#denied.has(`${permission} ${each}`));
  }

  check(permission: string, project: string, dataset?: string, table?: string): void {
    if (this.allows(permission, dataset, table)) return;
    const what =
      table !== undefined
        ? `Table ${project}:${dataset}.${table}`
        : dataset !== undefined
          ? `Dataset ${project}:${dataset}`
          : `Project ${project}`;
    const where =
      table !== undefined
        ? `table ${project}:${dataset}.${table}`
        : dataset !== undefined
          ? `dataset ${project}:${dataset}`
          : `project ${project}`;
    throw new BigqueryError(
      'accessDenied',
      `Access Denied: ${what}: Permission ${permission} denied on ${where} (or it may not exist).`,
    );
  }
}
