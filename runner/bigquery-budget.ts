/**
 * Bytes that one run may be billed: what was spent, and what is set aside for jobs that are at work.
 * It does not deal with the bound of one job, which BigQuery itself keeps (`maximumBytesBilled`).
 */
import {WarehouseError} from './warehouse.ts';

export class Budget {
  readonly #most: number | undefined;
  readonly #taken = new Map<string, number>();

  /** `most`: bytes of one run; undefined: as many as it takes. */
  constructor(most: number | undefined) {
    this.#most = most;
  }

  get isBounded(): boolean {
    return this.#most !== undefined;
  }

  /** Sets bytes aside for a job that is not yet sent; throws where the run would pass its bound. */
  take(run: string, bytes: number): void {
    const taken = this.#taken.get(run) ?? 0;
    if (this.#most !== undefined && taken + bytes > this.#most) {
      throw new WarehouseError(
        'budget',
        `The run may be billed ${amount(this.#most)} ('max_bytes_billed_per_run' of the target), has used or set aside ${amount(taken)}, and the next job would read up to ${amount(bytes)}: it was not sent. Raise the bound, or run fewer partitions at once.`,
      );
    }
    this.#taken.set(run, taken + bytes);
  }

  /** The job has ended: what was set aside for it makes room for what it was billed. */
  settle(run: string, {aside, billed}: {readonly aside: number; readonly billed: number}): void {
    this.#taken.set(run, (this.#taken.get(run) ?? 0) - aside + billed);
  }
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function amount(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}
