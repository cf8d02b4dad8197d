/**
 * Runs one command within limits of time and memory, again where it is quick, and tells what it took and answered.
 * It does not know which tool it runs.
 */
import {spawnSync} from 'node:child_process';
import {median} from '../filled.ts';
import type {Command} from './peer.ts';

export interface Limits {
  readonly seconds: number;
  readonly gibibytes: number;
}

export type Answer =
  | {
      readonly kind: 'answered';
      /** Of the whole process; the median where it ran several times. */
      readonly seconds: number;
      readonly megabytes: number;
      /** Missing and stale partitions that it found, and the seconds of the question alone, where it tells them. */
      readonly missing: number | undefined;
      readonly stale: number | undefined;
      readonly asked: number | undefined;
    }
  | {readonly kind: 'gave-up'; readonly limit: string}
  | {readonly kind: 'failed'; readonly problem: string};

export interface Asking {
  readonly cwd: string;
  readonly limits: Limits;
  /** Node reserves far more addresses than it uses, so that a limit on them would stop it at once. */
  readonly isNode: boolean;
  /** Before each round. */
  readonly prepare?: () => void;
  /** How often at most. */
  readonly rounds?: number;
}

const ROUNDS = 3;
/** What takes longer than this runs once. Seconds. */
const QUICK = 10;
/** Exit code of a command that `timeout` ended with KILL. */
const KILLED = 137;

export function ask(command: Command, asking: Asking): Answer {
  const answers: Extract<Answer, {kind: 'answered'}>[] = [];
  while (answers.length < (asking.rounds ?? ROUNDS)) {
    asking.prepare?.();
    const answer = askOnce(command, asking);
    if (answer.kind !== 'answered') return answer;
    answers.push(answer);
    if (answer.seconds > QUICK) break;
  }
  const [first] = answers;
  if (first === undefined) throw new Error('Internal error: nothing was asked.');
  const asked = answers.flatMap(each => (each.asked === undefined ? [] : [each.asked]));
  return {
    ...first,
    seconds: median(answers.map(({seconds}) => seconds)),
    megabytes: Math.max(...answers.map(({megabytes}) => megabytes)),
    asked: asked.length === 0 ? undefined : median(asked),
  };
}

function askOnce({file, args}: Command, {cwd, limits, isNode}: Asking): Answer {
  const addresses = isNode ? 'unlimited' : String(limits.gibibytes * 1024 * 1024);
  const startedAt = performance.now();
  const child = spawnSync(
    '/usr/bin/time',
    // `timeout` ends itself with the whole group that it started: who gives up has no peak.
    [
      '-f',
      'PEAK %M',
      'timeout',
      '-s',
      'KILL',
      String(limits.seconds),
      'sh',
      '-c',
      LIMITED,
      addresses,
      file,
      ...args,
    ],
    {cwd, encoding: 'utf8', maxBuffer: 2 ** 30, env: {...process.env, ...QUIET}},
  );
  const seconds = (performance.now() - startedAt) / 1000;
  if (child.error !== undefined) return {kind: 'failed', problem: child.error.message};
  const megabytes = Number(/PEAK (\d+)/.exec(child.stderr)?.[1] ?? Number.NaN) / 1024;
  if (child.status === KILLED && seconds >= limits.seconds) {
    return {kind: 'gave-up', limit: `${limits.seconds} s`};
  }
  if (child.status !== 0) {
    if (/MemoryError|bad_alloc|Out of Memory/i.test(child.stderr)) {
      return {kind: 'gave-up', limit: `${limits.gibibytes} GiB`};
    }
    const lines = `${child.stdout}\n${child.stderr.replace(/PEAK \d+|Command exited.*/g, '')}`
      .trim()
      .split('\n');
    return {kind: 'failed', problem: lines.at(-1) ?? `exit code ${child.status}`};
  }
  const found = parseAnswer(child.stdout);
  return {kind: 'answered', seconds, megabytes, ...found};
}

const LIMITED = 'ulimit -v "$0" && exec "$@"';

/** No tool is to look for the network, or to warn of what it does so. */
const QUIET = {
  SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
  DO_NOT_TRACK: '1',
  PYTHONWARNINGS: 'ignore',
};

type Found = Pick<Extract<Answer, {kind: 'answered'}>, 'missing' | 'stale' | 'asked'>;

/** The drivers' line of JSON, or the counts in the last lines of gameplan's own output. */
function parseAnswer(stdout: string): Found {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (last.startsWith('{')) {
    const {missing, stale, asked} = JSON.parse(last) as Partial<Found>; // a driver wrote it
    return {missing, stale, asked};
  }
  const count = (state: string): number | undefined => {
    const figure = new RegExp(`([\\d,]+) ${state}\\b`, 'g');
    const text = stdout.slice(
      Math.max(stdout.lastIndexOf('\nPlan: '), stdout.lastIndexOf('\nPartitions: '), 0),
    );
    const digits = figure.exec(text)?.[1];
    return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
  };
  const missing = count('missing');
  return {missing, stale: missing === undefined ? undefined : (count('stale') ?? 0), asked: undefined};
}
