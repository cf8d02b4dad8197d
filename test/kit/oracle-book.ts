/**
 * What happened to every partition, as the oracle writes it down for itself: when it was published, from what, and
 * what was tried. Events are counted; the ledger is never asked.
 */
export interface Made {
  readonly definition: string;
  /** One line for each thing that was read. */
  readonly inputs: readonly string[];
  /** The calendar entry among them. */
  readonly entry: string;
}

export interface Tried extends Made {
  readonly at: number;
  /** Undefined: it succeeded. */
  readonly trouble: {readonly kind: 'failed' | 'quarantined'; readonly error: string} | undefined;
  /** In a row, with the same definition and inputs. */
  readonly failures: number;
}

export interface Page {
  readonly published: boolean;
  readonly version: string;
  readonly made: Made | undefined;
  readonly absent: readonly string[];
  /** How many games of the calendar of then its rows held. */
  readonly found: number;
  /** Numbers of events; 0: never. */
  readonly readAt: number;
  readonly changedAt: number;
  readonly arrivedAt: number;
  readonly lostAt: number;
  /** When it was last published, or found unchanged. Milliseconds. */
  readonly answeredAt: number;
  readonly tried: Tried | undefined;
}

const EMPTY: Page = {
  published: false,
  version: '',
  made: undefined,
  absent: [],
  found: 0,
  readAt: 0,
  changedAt: 0,
  arrivedAt: 0,
  lostAt: 0,
  answeredAt: 0,
  tried: undefined,
};

export class Book {
  /** How many events there were. */
  count = 0;
  readonly #pages = new Map<string, Page>();

  page(asset: string, key: string): Page {
    return this.#pages.get(`${asset}@${key}`) ?? EMPTY;
  }

  /** Keys of an asset that are published. */
  keys(asset: string): readonly string[] {
    return [...this.#pages]
      .filter(([ref, {published}]) => published && ref.startsWith(`${asset}@`))
      .map(([ref]) => ref.slice(asset.length + 1))
      .sort();
  }

  publish(
    asset: string,
    key: string,
    about: {
      readonly made: Made;
      readonly version: string;
      readonly absent: readonly string[];
      readonly found: number;
      readonly now: number;
    },
  ): void {
    const {made, version, absent, found, now} = about;
    const before = this.page(asset, key);
    const readAt = this.count++;
    this.#pages.set(`${asset}@${key}`, {
      published: true,
      version,
      made,
      absent,
      found,
      readAt,
      changedAt: before.version === version ? before.changedAt : this.count,
      arrivedAt: before.published ? before.arrivedAt : this.count,
      lostAt: 0,
      answeredAt: now,
      tried: {...made, at: now, trouble: undefined, failures: 0},
    });
  }

  fail(
    asset: string,
    key: string,
    about: {readonly made: Made; readonly kind: 'failed' | 'quarantined'; error: string; now: number},
  ): void {
    const {made, kind, error, now} = about;
    const before = this.page(asset, key);
    const isSame = before.tried !== undefined && isSameMade(before.tried, made);
    this.count++;
    this.#pages.set(`${asset}@${key}`, {
      ...before,
      tried: {
        ...made,
        at: now,
        trouble: {kind, error},
        failures: isSame ? (before.tried?.failures ?? 0) + 1 : 1,
      },
    });
  }

  /** Someone takes what is there as made from what there is now. */
  mark(asset: string, key: string, made: Made): void {
    const before = this.page(asset, key);
    this.#pages.set(`${asset}@${key}`, {...before, made, readAt: this.count++});
  }

  forget(asset: string, key: string): void {
    const before = this.page(asset, key);
    this.count++;
    if (before.published)
      this.#pages.set(`${asset}@${key}`, {...before, published: false, lostAt: this.count});
  }
}

export function isSameMade(one: Made, other: Made): boolean {
  return one.definition === other.definition && one.inputs.join('\n') === other.inputs.join('\n');
}
