/**
 * What `gaps` and `status` cost as whole processes, on a made project of 40 assets and 4,300 dates with and without
 * holes. `npm run bench -- gaps`.
 */
import {join} from 'node:path';
import {median} from './filled.ts';
import {makeProject} from './made-project.ts';
import {measure} from './process.ts';

const gameplan = join(import.meta.dirname, '..', 'bin', 'gameplan.js');
const ROUNDS = 5;
const COMMANDS = [['gaps'], ['gaps', '--by', 'cause', '--open'], ['gaps', '--json'], ['status']] as const;

console.log(`Medians of ${ROUNDS} whole processes, in seconds; 40 assets x 4,300 dates`);
console.log(`${'holes'.padEnd(8)}${'command'.padEnd(24)} seconds  peak MB`);
const rows = [0, 0.001, 0.1, 1].flatMap(holes => {
  const project = makeProject({assets: 40, dates: 4_300, calendar: 'games', holes, corrected: 0.0001});
  const now = new Date(project.now).toISOString();
  try {
    return COMMANDS.map(words => {
      const once = () => measure([gameplan, ...words, '--now', now], {cwd: project.root});
      const rounds = Array.from({length: ROUNDS + 1}, once).slice(1);
      const row = {
        holes,
        command: words.join(' '),
        seconds: median(rounds.map(({seconds}) => seconds)),
        megabytes: Math.max(...rounds.map(({megabytes}) => megabytes)),
      };
      const cells = `${row.seconds.toFixed(3).padStart(8)}${row.megabytes.toFixed(0).padStart(9)}`;
      console.log(`${`${100 * holes}%`.padEnd(8)}${row.command.padEnd(24)}${cells}`);
      return row;
    });
  } finally {
    project.remove();
  }
});
console.log(JSON.stringify({bench: 'gaps', rows}));
