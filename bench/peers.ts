/**
 * gameplan beside SQLMesh, Dagster, dbt and Dataform on the same graphs, in one run: whole processes that load a
 * project, plan it and tell its status. Everyone has the same seconds and memory, and may give up.
 * `npm run bench -- peers [--full] [--limit SECONDS] [CASE…]`; without a case, those that take minutes.
 */
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import {type MadeProject, makeProject, type Shape} from './made-project.ts';
import {type Answer, ask, type Limits} from './peers/ask.ts';
import {dataform, dbt} from './peers/compiling-peers.ts';
import {graphOf, type PeerGraph} from './peers/graph.ts';
import {install, type Peer, QUESTIONS, type Question} from './peers/peer.ts';
import {dagster, sqlmesh} from './peers/python-peers.ts';

interface Case {
  readonly name: string;
  readonly shape: Omit<Shape, 'calendar' | 'corrected'>;
  readonly questions: readonly Question[];
  /** For whom only with `--full`; a case that is so for everyone also when it is named. */
  readonly onlyFull?: readonly string[];
}

const PLANNING: readonly Question[] = ['plan', 'plan, stale too', 'status'];
const EVERYONE = ['SQLMesh', 'Dagster', 'dbt', 'Dataform'];
const CASES: readonly Case[] = [
  {name: 'nba', shape: {assets: 40, dates: 4_300, holes: 0.1}, questions: QUESTIONS},
  {name: 'half-8000', shape: {assets: 1, dates: 8_000, holes: 0, every: 2}, questions: PLANNING},
  // Of 5 million partitions Dagster's event log alone takes minutes and gigabytes to fill.
  {name: 'wide', shape: {assets: 310, dates: 16_452, holes: 0.1}, questions: PLANNING, onlyFull: ['Dagster']},
  {name: 'load-2000', shape: {assets: 2_000, dates: 30, holes: 0}, questions: ['load', 'load again']},
  {
    name: 'nba-half',
    shape: {assets: 40, dates: 4_300, holes: 0, every: 2},
    questions: PLANNING,
    onlyFull: EVERYONE,
  },
  {
    name: 'half-100000',
    shape: {assets: 1, dates: 100_000, holes: 0, every: 2},
    questions: PLANNING,
    onlyFull: EVERYONE,
  },
  {
    name: 'load-10000',
    shape: {assets: 10_000, dates: 30, holes: 0},
    questions: ['load', 'load again'],
    onlyFull: EVERYONE,
  },
];

const PEERS: readonly Peer[] = [sqlmesh, dagster, dbt, dataform];
/** A peer's state may take longer to fill than its questions may. Seconds. */
const FILL_LIMIT = 900;

interface Row {
  readonly question: Question;
  readonly tool: string;
  readonly answer: Answer | {readonly kind: 'none'; readonly why: string};
  /** Seconds over gameplan's; of who gave up at least so many. */
  readonly ratio: number | undefined;
}

const {isFull, names, limits} = readArguments(process.argv.slice(2));
const root = join(import.meta.dirname, '..');
const installed = installAll();
console.log(
  `Whole processes; medians of 3 where one takes under 10 s; at most ${limits.seconds} s and ${limits.gibibytes} GiB each. Others' load when it began: ${loadavg()[0]?.toFixed(1)}.`,
);
const results = CASES.filter(({name, onlyFull}) =>
  names.length > 0 ? names.includes(name) : isFull || onlyFull !== EVERYONE,
).map(runCase);
console.log(JSON.stringify({bench: 'peers', versions: versions(), limits, cases: results}));

function readArguments(args: readonly string[]) {
  const isFull = args.includes('--full');
  const at = args.indexOf('--limit');
  const seconds = at === -1 ? (isFull ? 120 : 60) : Number(args[at + 1]);
  const names = args.filter((each, i) => !each.startsWith('--') && (at === -1 || i !== at + 1));
  const unknown = names.filter(name => CASES.every(each => each.name !== name));
  if (unknown.length > 0 || !(seconds > 0)) {
    console.error(
      `npm run bench -- peers [--full] [--limit SECONDS] [${CASES.map(({name}) => name).join('|')}…]`,
    );
    process.exit(64);
  }
  const limits: Limits = {seconds, gibibytes: 8};
  return {isFull, names, limits};
}

function installAll(): ReadonlyMap<Peer, string> {
  const under = join(root, '.gameplan', 'bench', 'peers');
  mkdirSync(under, {recursive: true});
  const found = new Map<Peer, string>();
  for (const peer of PEERS) {
    const outcome = install(peer, under);
    if ('tools' in outcome) found.set(peer, outcome.tools);
    else console.log(`${peer.name} is skipped: it ${outcome.skipped}`);
  }
  return found;
}

function versions(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...installed.keys()].map(({name, packages}) => [name, packages]));
}

function runCase(made: Case) {
  const project = makeProject({...made.shape, calendar: 'list', corrected: 0});
  try {
    const graph = graphOf(project);
    const count = (value: number) => value.toLocaleString('en-US');
    console.log(
      `\n${made.name}: ${count(made.shape.assets)} assets x ${count(made.shape.dates)} days = ${count(project.partitions)} partitions, ${count(graph.unfilled)} unfilled`,
    );
    console.log('  question         tool       seconds  of it asking  peak MB  over gameplan  missing found');
    const own = askGameplan(made, project);
    for (const row of own) print(row, graph);
    const rows = [...own];
    for (const [peer, tools] of installed) {
      const isLeftOut = made.onlyFull !== EVERYONE && made.onlyFull?.includes(peer.name) === true && !isFull;
      const answers = isLeftOut
        ? made.questions.map(question => noneOf(peer, question, 'only with --full'))
        : askPeer(peer, tools, graph, made.questions);
      const answered = answers.map(row => ({...row, ratio: ratioOf(row, own)}));
      const [first] = answered;
      // One line for a tool that has no answer at all.
      const isSilent = answered.every(({answer}) => answer.kind === 'none');
      for (const row of isSilent && first !== undefined ? [first] : answered) print(row, graph, isSilent);
      rows.push(...answered);
    }
    return {name: made.name, ...made.shape, partitions: project.partitions, unfilled: graph.unfilled, rows};
  } finally {
    project.remove();
  }
}

function askGameplan({questions}: Case, {root: cwd, now}: MadeProject): readonly Row[] {
  const bin = join(root, 'bin', 'gameplan.js');
  const at = ['--now', new Date(now).toISOString()];
  const args: Readonly<Record<Question, readonly string[]>> = {
    load: ['validate'],
    'load again': ['validate'],
    plan: ['plan', ...at],
    'plan, stale too': ['plan', ...at],
    status: ['status', ...at],
  };
  const rows: Row[] = [];
  for (const question of questions) {
    // Its plan always knows both.
    const known = question === 'plan, stale too' ? rows.find(row => row.question === 'plan') : undefined;
    const command = {file: process.execPath, args: [bin, ...args[question]]};
    const prepare = forgetting(question, cwd, [join('.gameplan', 'cache')]);
    const answer = known?.answer ?? ask(command, {cwd, limits, isNode: true, prepare});
    rows.push({question, tool: 'gameplan', answer, ratio: undefined});
  }
  return rows;
}

function askPeer(
  peer: Peer,
  tools: string,
  graph: PeerGraph,
  questions: readonly Question[],
): readonly Row[] {
  const cwd = mkdtempSync(join(tmpdir(), `gameplan-peer-${peer.name.toLowerCase()}-`));
  const isNode = peer.kind === 'npm';
  try {
    peer.write(graph, cwd, tools);
    const isFillNeeded = questions.some(question => !question.startsWith('load'));
    const fill = isFillNeeded ? peer.fill(tools) : undefined;
    if (fill !== undefined) {
      const filled = ask(fill, {cwd, limits: {...limits, seconds: FILL_LIMIT}, isNode, rounds: 1});
      if (filled.kind !== 'answered') {
        const why = filled.kind === 'failed' ? filled.problem : `gave up after ${filled.limit}`;
        return questions.map(question => noneOf(peer, question, `its state cannot be filled: ${why}`));
      }
    }
    const rows: Row[] = [];
    for (const question of questions) {
      const command = peer.ask(question, tools);
      const first = question === 'load again' ? rows.find(row => row.question === 'load') : undefined;
      if (typeof command === 'string') rows.push(noneOf(peer, question, command));
      // Nothing is kept of a load that did not end.
      else if (first !== undefined && first.answer.kind !== 'answered')
        rows.push(noneOf(peer, question, 'its first load did not end'));
      else {
        const prepare = forgetting(question, cwd, peer.caches);
        const answer = ask(command, {cwd, limits, isNode, prepare});
        rows.push({question, tool: peer.name, answer, ratio: undefined});
      }
    }
    return rows;
  } finally {
    rmSync(cwd, {recursive: true, force: true});
  }
}

function noneOf(peer: Peer, question: Question, why: string): Row {
  return {question, tool: peer.name, answer: {kind: 'none', why}, ratio: undefined};
}

/** Of a first load nothing is kept. */
function forgetting(question: Question, cwd: string, caches: readonly string[]): () => void {
  return () => {
    if (question !== 'load') return;
    for (const cache of caches) rmSync(join(cwd, cache), {recursive: true, force: true});
  };
}

function ratioOf({question, answer}: Row, own: readonly Row[]): number | undefined {
  const base = own.find(row => row.question === question)?.answer;
  if (base?.kind !== 'answered') return undefined;
  if (answer.kind === 'answered') return answer.seconds / base.seconds;
  return answer.kind === 'gave-up' && answer.limit.endsWith(' s') ? limits.seconds / base.seconds : undefined;
}

function print({question, tool, answer, ratio}: Row, {unfilled}: PeerGraph, isForAll = false): void {
  const head = `  ${(isForAll ? 'all of them' : question).padEnd(17)}${tool.padEnd(9)}`;
  const times = ratio === undefined ? '' : `${ratio.toFixed(1)}x`;
  switch (answer.kind) {
    case 'none':
      console.log(`${head}  – ${answer.why}`);
      break;
    case 'failed':
      console.log(`${head}  failed: ${answer.problem}`);
      break;
    case 'gave-up':
      console.log(`${head}  gave up after ${answer.limit.padEnd(18)}${`> ${times}`.padStart(15)}`);
      break;
    case 'answered': {
      const asking = answer.asked === undefined ? '' : answer.asked.toFixed(2);
      const missing = answer.missing === undefined ? '' : answer.missing.toLocaleString('en-US');
      const differs = answer.missing === undefined || answer.missing === unfilled ? '' : ' (not all)';
      console.log(
        `${head}${answer.seconds.toFixed(2).padStart(9)}${asking.padStart(14)}${answer.megabytes.toFixed(0).padStart(9)}${times.padStart(15)}${missing.padStart(15)}${differs}`,
      );
    }
  }
}
