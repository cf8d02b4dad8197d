/**
 * How much is at work at once where nobody says otherwise.
 * It does not deal with sites, whose own pools bound their fetches as well (runner/site-pool.ts).
 */
import type {Concurrency} from '../planner/estimate.ts';

export const CONCURRENCY: Concurrency = {fetches: 32, batches: 2};
