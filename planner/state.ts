/** The states of a partition and the actions of a plan, as closed sets. They are decided in classify.ts and decide.ts. */

export const STATES = [
  'fresh',
  'partial',
  'stale',
  'missing',
  'exempt',
  'accepted',
  'not-due',
  'orphan',
] as const;
export type State = (typeof STATES)[number];

export const ACTIONS = ['run', 'run-if', 'wait', 'skip', 'drop'] as const;
export type Action = (typeof ACTIONS)[number];
