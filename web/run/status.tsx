/**
 * How a run stands, as a sign with its word, and what kind of run it was.
 * It does not deal with its partitions.
 */
import './status.css';
import {
  IconCircleCheck,
  IconCircleX,
  IconHandStop,
  IconLoader,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type {RunLineBody} from '../../server/schema/run.ts';

const STATUS = {
  running: {word: 'running', sign: IconLoader},
  succeeded: {word: 'succeeded', sign: IconCircleCheck},
  failed: {word: 'failed', sign: IconCircleX},
  interrupted: {word: 'interrupted', sign: IconHandStop},
  dead: {word: 'died', sign: IconPlugConnectedX},
} as const satisfies Record<RunLineBody['status'], unknown>;

export function RunStatus({status}: {readonly status: RunLineBody['status']}) {
  const {word, sign: Sign} = STATUS[status];
  return (
    <span className={`run-status run-status-${status}`}>
      <Sign size={17} aria-hidden />
      {word}
    </span>
  );
}

/** What a run did that is no run of partitions. */
export const RUN_KINDS: Readonly<Record<RunLineBody['kind'], string>> = {
  run: 'materialize',
  copy: 'copy',
  forget: 'forget',
  mark: 'mark',
  adopt: 'adopt',
};
