/** How much is at work at once where nobody says otherwise. Fetches are bounded by each site's own pool as well. */
import type {Concurrency} from '../planner/estimate.ts';

export const CONCURRENCY: Concurrency = {fetches: 32, batches: 2};
