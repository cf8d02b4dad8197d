/** A project that fetches from a site, makes rows of it and sums them: for what others hear of its runs. */
import {Answers} from '../kit/answers.ts';
import {ToyProject} from './command-line.ts';

export const SECRET = 'sk-4f9a8b7c6d5e';
/** The date that the site does not answer. */
export const DOWN = '2024-01-16';

const MANIFEST = (url: string) => `name: toy
calendars:
  days:
    dates:
      - {date: 2024-01-15, season: 2023-24}
      - {date: ${DOWN}, season: 2023-24}
      - {date: 2024-01-18, season: 2023-24}
    timezone: America/New_York
sites: {league: {url: '${url}/?apikey=\${LEAGUE_KEY}'}}
assets:
  landing.box: {files: assets/box.ts, path: 'box/{game_date}/', site: league, retries: 0}
  raw.points:
    description: Points of a player a date.
    rows: assets/points.ts
    upstream: {box: landing.box}
    columns: {game_date: date, player: string, points: int64}
    key: [game_date, player]
    checks: [{range: {column: points, min: 0, max: 100}, severity: warn}]
  stats.totals:
    sql: assets/totals.sql
    columns: {game_date: date, total: int64}
    key: [game_date]
    upstream: {points: raw.points}
`;

/** Puts what the site answers for a date. */
export const FETCHING = `import type {Files} from 'gameplan';
export const files: Files = async ({partition, site, put}) => {
  await put('answer.json', (await site.get('/box/' + partition.key)).bytes);
};
`;

/** Makes a row of it. */
export const READING = `import {type Rows, z} from 'gameplan';
const Shape = z.object({points: z.number()});
export const rows: Rows = async ({partition, inputs}) => {
  const found = [];
  for await (const object of inputs.box.objects())
    found.push({game_date: partition.key, player: 'ana', points: object.json(Shape).points});
  return found;
};
`;

export class WatchedProject extends ToyProject {
  readonly #answers: Answers;

  private constructor(answers: Answers) {
    super();
    this.#answers = answers;
    this.watch({});
    this.write('pipeline.yaml', MANIFEST(answers.url));
    this.write('assets/box.ts', FETCHING);
    this.write('assets/points.ts', READING);
  }

  /** A date's points are its day; the last has more than its check allows. */
  static async open(): Promise<WatchedProject> {
    return new WatchedProject(
      await Answers.open(({path, response}) => {
        if (path.includes(DOWN)) response.statusCode = 503;
        return path.includes(DOWN) ? 'down' : JSON.stringify({points: path.includes('-18') ? 180 : 15});
      }),
    );
  }

  /** With these variables set. */
  watch(env: Readonly<Record<string, string>>): void {
    this.env = {LEAGUE_KEY: SECRET, ...env};
  }

  override remove(): void {
    this.#answers.close();
    super.remove();
  }
}
