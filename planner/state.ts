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

export const CODE = Object.fromEntries(STATES.map((state, code) => [state, code])) as Readonly<
  Record<State, number>
>; // every state is there by construction
