/**
 * All that commands need that compare receipts or build from them, to be loaded when one of them runs: together it is
 * most of what a run loads, and other commands start without it.
 */
export {openStore} from './open-store.ts';
export {dropGone, replaceLedger, settleBeforeRebuild} from './rebuild.ts';
export {restore, snapshotOf} from './restore.ts';
export {readStandings} from './standing.ts';
export {verifyData} from './verify-data.ts';
export {verifyLedger} from './verify-ledger.ts';
