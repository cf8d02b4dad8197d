/**
 * An alert storm: 10,000 failures on a ledger of 40 assets x 1,000 dates, first in one run with a hundred causes, then
 * spread over forty runs within four hours; told to a real HTTP server and a real mail server on this machine, with a
 * digest the next morning. Messages to each receiver, the largest of them, and what it costs.
 * `npm run bench -- alerts`
 */

import {classify} from '../planner/classify.ts';
import {frameOf} from '../planner/frame.ts';
import {parseManifest} from '../planner/manifest.ts';
import {alertPass} from '../report/alerts.ts';
import type {Project} from '../report/project-ledger.ts';
import {readWholeSnapshot, writeLedger} from '../report/project-ledger.ts';
import {countOutcomes} from '../runner/event.ts';
import type {FailedOutcome} from '../runner/ledger-row.ts';
import {HttpReceiver, MailReceiver} from '../test/kit/receivers.ts';
import {makeProject} from './made-project.ts';

const FAILURES = 10_000;
const CAUSES = 100;
const HOUR = 3_600_000;

interface Storm {
  readonly name: string;
  readonly runs: number;
  /** From the first run to the last. Milliseconds. */
  readonly within: number;
}

const STORMS: readonly Storm[] = [
  {name: 'one run', runs: 1, within: 0},
  {name: '40 runs within 3.9 h', runs: 40, within: 3.9 * HOUR},
];

interface Measured {
  readonly storm: string;
  readonly runs: number;
  readonly slack: number;
  readonly email: number;
  readonly webhook: number;
  /** Bytes of the largest message to each. */
  readonly largest: {readonly slack: number; readonly email: number; readonly webhook: number};
  /** Milliseconds of all passes, and of the longest. */
  readonly total: number;
  readonly longest: number;
}

/** Causes are told apart by their letters: numbers alone make no other cause. */
function causeOf(index: number): string {
  const name = [index % 26, Math.floor(index / 26)].map(each => String.fromCharCode(97 + each)).join('');
  return `stats.example.com answered HTTP 500 for /v2/${name}/boxscores?day=${index}: internal error in ${name}`;
}

async function measureStorm({name, runs, within}: Storm): Promise<Measured> {
  const made = makeProject({assets: 40, dates: 1000, calendar: 'games', holes: 0, corrected: 0});
  const http = new HttpReceiver();
  const mail = new MailReceiver();
  const env = {URL: await http.open(), SMTP: await mail.open()};
  try {
    const project = withReceivers(made);
    let now = made.now;
    const pass = {env, now: () => now, budgetMs: 60_000};
    await alertPass(project, pass);
    const before = http.posted.length;
    const times: number[] = [];
    const timed = async (): Promise<void> => {
      const begun = performance.now();
      await alertPass(project, pass);
      times.push(performance.now() - begun);
    };
    const failures = failuresOf(project, now);
    for (let i = 0; i < runs; i++) {
      const share = failures.filter((_, index) => index % runs === i);
      recordRun(project, {id: `run-${i}`, at: now, failures: share});
      await timed();
      now += runs === 1 ? 0 : within / runs;
    }
    // What was held back, and then the digest.
    for (const hours of [4, 24, 24]) {
      now += hours * HOUR;
      await timed();
    }
    const bytesAt = (path: string) => http.at(path).map(({text}) => Buffer.byteLength(text));
    const mails = mail.mailed.map(({raw}) => Buffer.byteLength(raw));
    if (before > 0) throw new Error('A message before anything failed');
    return {
      storm: name,
      runs,
      slack: bytesAt('/slack').length,
      email: mails.length,
      webhook: bytesAt('/hook').length,
      largest: {
        slack: Math.max(...bytesAt('/slack')),
        email: Math.max(...mails),
        webhook: Math.max(...bytesAt('/hook')),
      },
      total: times.reduce((sum, each) => sum + each, 0),
      longest: Math.max(...times),
    };
  } finally {
    http.close();
    await mail.close();
    made.remove();
  }
}

function withReceivers({root, pipeline, sources}: ReturnType<typeof makeProject>): Project {
  const asked = `name: x
alerts:
  slack: '\${URL}/slack'
  email: {smtp: '\${SMTP}', from: a@example.com, to: b@example.com}
  webhook: {url: '\${URL}/hook'}
  page: https://plan.example.com
calendars: {days: {dates: [{date: 2024-01-15, season: 2023-24}]}}
assets: {raw.a: {sql: a.sql, columns: {game_date: date}, key: [game_date]}}
`;
  const {pipeline: read} = parseManifest({
    file: {path: 'pipeline.yaml', text: asked},
    target: undefined,
    env: {},
  });
  if (read === undefined) throw new Error('The manifest of this bench has a mistake');
  return {root, pipeline: {...pipeline, alerts: read.alerts}, sources, warn: text => console.error(text)};
}

/** Over all assets, by date; a cause for a hundred of them each. */
function failuresOf(project: Project, now: number): readonly FailedOutcome[] {
  const frame = classify({...project, ledger: readWholeSnapshot(project, () => now), now});
  const assets = [...frame.assets.values()].filter(({keys}) => keys.length > 100);
  return Array.from({length: FAILURES}, (_, i): FailedOutcome => {
    const asset = frameOf(frame, assets[i % assets.length]?.asset.name ?? fail());
    const at = Math.floor(i / assets.length) % asset.keys.length;
    return {
      asset: asset.asset.name,
      key: asset.keys[at] ?? '',
      outcome: 'failed',
      error: causeOf(i % CAUSES),
      startedAt: now,
      endedAt: now,
      durationMs: 1,
      reasons: [],
      fingerprint: asset.fingerprint,
      digest: '0000000000000000',
      triedDigest: '0000000000000000',
      readAt: 0,
      entry: null,
    };
  });
}

function fail(): never {
  throw new Error('No asset has dates');
}

function recordRun(
  {pipeline, ...project}: Project,
  {id, at, failures}: {readonly id: string; readonly at: number; readonly failures: readonly FailedOutcome[]},
): void {
  writeLedger(
    {...project, pipeline},
    () => at,
    ledger => {
      ledger.startRun({
        id,
        pipeline: pipeline.name,
        target: pipeline.target.name,
        command: 'bench',
        startedAt: at,
      });
      ledger.recordOutcomes({run: id, outcomes: failures});
      const counts = countOutcomes(failures.map(({outcome}) => outcome));
      ledger.endRun(id, {endedAt: at, status: 'failed', counts});
    },
  );
}

const measured: Measured[] = [];
for (const storm of STORMS) measured.push(await measureStorm(storm));
console.log(
  `${FAILURES.toLocaleString('en-US')} failures of ${CAUSES} causes; messages to each receiver, until two days after:`,
);
for (const {storm, slack, email, webhook, largest, total, longest, runs} of measured) {
  console.log(`  ${storm}`);
  console.log(`    Slack ${slack}, mail ${email}, webhook ${webhook}`);
  console.log(
    `    the largest: Slack ${largest.slack} B, mail ${largest.email} B, webhook ${largest.webhook} B`,
  );
  console.log(
    `    ${(total / 1000).toFixed(2)} s for ${runs + 3} passes, the longest ${(longest / 1000).toFixed(2)} s`,
  );
}
console.log(JSON.stringify({bench: 'alerts', failures: FAILURES, causes: CAUSES, storms: measured}));
