// Starts and stops the league server in a process of its own, and tells it what to play: for demo, tests and benchmarks.
// Does not deal with what the answers say; see README.md.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {FaultRule} from './fault-rule.ts';

const root = path.join(import.meta.dirname, '..', '..');

export interface LeagueProcess {
  readonly url: string;
  addFaults(...rules: readonly FaultRule[]): Promise<void>;
  clearFaults(): Promise<void>;
  /** Whether late corrections are still to come. Recorded games only. */
  setEarly(early: boolean): Promise<void>;
  /** What time it is in the league: later games are not played yet. */
  setNow(now: string): Promise<void>;
  /** Puts a game off, to a day where one is given. */
  postpone(game: string, to?: string): Promise<void>;
  /** Requests so far by endpoint. */
  requests(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** `args` are those of `demo/league.ts`; the port is any that is free. */
export async function startLeagueProcess(args: readonly string[]): Promise<LeagueProcess> {
  const child = spawn(process.execPath, ['demo/league.ts', '--port', '0', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  const control = async (method: string, name: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}/_league/${name}`, {
      method,
      ...(body === undefined ? {} : {body: JSON.stringify(body)}),
    });
    if (!answer.ok) throw new Error(`${method} ${name}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    url,
    addFaults: async (...rules) => void (await control('POST', 'faults', rules)),
    clearFaults: async () => void (await control('DELETE', 'faults')),
    setEarly: async early => void (await control('POST', 'early', early)),
    setNow: async now => void (await control('POST', 'now', now)),
    postpone: async (game, to) =>
      void (await control('POST', 'postponed', to === undefined ? {game} : {game, to})),
    // the server counts by endpoint
    requests: async () => (await control('GET', 'requests')) as Record<string, number>,
    stop: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** Of a date, or of all, no other site has players either, so that nothing stands in for what the league lacks. */
export function emptyElsewhere(date?: string): readonly FaultRule[] {
  const sites = ['bdl', 'espn', 'espn_web'] as const;
  return sites.map(site => ({match: date === undefined ? {site} : {site, date}, kind: 'empty'}));
}

/** The first line that the server prints has its address. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The league server has no output.');
  for await (const line of createInterface({input: child.stdout})) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error('The league server ended before it said where it answers.');
}
