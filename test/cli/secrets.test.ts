/** Canaries: what a site is asked with stands in no output and in no file, also where the site echoes it. */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

const CANARIES = {
  HEADER: 'canaryheader4711xyz',
  QUERY: 'canaryquery0815abc',
  PLAIN: 'canaryplain42word99',
  BEARER: 'canary/bearer+"quoted"==',
};

let project: ToyProject;
let close: () => void;
let url: string;
let answering: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  project = new ToyProject();
  project.env = CANARIES;
  const server = createServer((request, response) => answering(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = `http://127.0.0.1:${address.port}`;
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  project.write(
    'pipeline.yaml',
    `name: toy
sites:
  nba:
    url: "${url}/v1?apiKey=\${QUERY}&q=\${PLAIN}"
    headers: {x-api-key: "\${HEADER}", authorization: "Bearer \${BEARER}"}
calendars:
  days: {dates: [{date: 2024-01-15, season: 2023-24}], timezone: America/New_York}
targets:
  local:
    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}
    ledger: .gameplan/ledger.sqlite
assets:
  raw.pages:
    description: A page a date.
    files: assets/pages.ts
    site: nba
    retries: 1
`,
  );
});
afterEach(() => {
  close();
  project.remove();
});

const COMMANDS = [
  ['validate'],
  ['plan', '--json'],
  ['plan', '--out', 'plan.json'],
  ['materialize', '--json'],
  ['materialize'],
  ['status', '--json'],
  ['explain', 'raw.pages@2024-01-15'],
  ['runs'],
  ['events', '--json'],
  ['gaps', '--json'],
  ['schema', 'raw.pages'],
  ['lineage', 'raw.pages'],
];

/** Everything that was written: outputs, and all files but those that the user wrote. */
async function written(): Promise<string> {
  const texts: string[] = [];
  for (const command of COMMANDS) {
    const {out, err} = await project.run(...command);
    expect(err).not.toContain('Internal error');
    texts.push(out, err);
  }
  const {out} = await project.run('runs', '--json');
  for (const [id] of out.matchAll(/\d{8}-\d{6}-[0-9a-f]+/g)) {
    const shown = await project.run('runs', 'show', id);
    texts.push(shown.out, shown.err);
  }
  for (const name of readdirSync(project.root, {recursive: true, encoding: 'utf8'})) {
    const file = path.join(project.root, name);
    if (name !== 'pipeline.yaml' && statSync(file).isFile()) texts.push(name, readFileSync(file, 'latin1'));
  }
  return texts.join('\n');
}

function expectNone(text: string): void {
  for (const [name, canary] of Object.entries(CANARIES)) {
    for (const form of [canary, encodeURIComponent(canary), JSON.stringify(canary).slice(1, -1)]) {
      const at = text.indexOf(form.slice(0, 9));
      expect(at < 0 ? '' : `${name}: ${text.slice(Math.max(0, at - 200), at + 60)}`).toBe('');
    }
  }
}

const echo = (request: IncomingMessage): string =>
  JSON.stringify({
    ...request.headers,
    url: decodeURIComponent(request.url ?? ''),
  });

const GET = `await site.get('games')`;

test.for<readonly [string, string, (request: IncomingMessage, response: ServerResponse) => void]>([
  ['in the body of an error', GET, (request, response) => response.writeHead(403).end(echo(request))],
  [
    'at the start of the body of an error',
    GET,
    ({headers}, response) => response.writeHead(500).end(String(headers['x-api-key'])),
  ],
  [
    'where the text of the error is cut',
    GET,
    ({headers}, response) => response.writeHead(400).end(`${'x'.repeat(70)}${headers['x-api-key']}`),
  ],
  [
    'in a redirect to itself without end',
    GET,
    (request, response) =>
      response.writeHead(302, {location: `/again?echo=${request.headers['x-api-key']}`}).end(),
  ],
  [
    'in a redirect to where nobody listens',
    GET,
    ({headers}, response) =>
      response.writeHead(302, {location: `http://127.0.0.1:1/?echo=${headers['x-api-key']}`}).end(),
  ],
  [
    'in an answer that is no JSON',
    `(${GET}).json(z.object({}))`,
    ({headers}, response) => response.end(`<p>${headers.authorization} ${headers['x-api-key']}`),
  ],
  [
    'in an answer of another shape',
    `(${GET}).json(z.object({'x-api-key': z.number()}))`,
    (request, response) => response.end(echo(request)),
  ],
  [
    'in an error that the code throws',
    `throw new Error('no games in ' + (${GET}).text(), {cause: new Error((${GET}).text())})`,
    (request, response) => response.end(echo(request)),
  ],
])('a site that echoes them %s', async ([, code, answer]) => {
  answering = answer;
  project.write(
    'assets/pages.ts',
    `import {type Files, z} from 'gameplan';
export const files: Files = async ({site, put}) => {
  void z; void put;
  ${code};
};
`,
  );
  const text = await written();
  expect(text).toContain('raw.pages');
  expect(text).toMatch(/\*\*\*/);
  expectNone(text);
});

test('a variable that is not set is named, and a manifest that is wrong tells no value', async () => {
  answering = (_, response) => response.end('{}');
  project.write('assets/pages.ts', 'export const files = async () => {};\n');
  const text = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
  project.write(
    'pipeline.yaml',
    text.replace('description', 'descripton').replace('x-api-key: "', 'x-api-key: "\\n'),
  );
  const {code, err, out} = await project.run('validate');
  expect(code).toBe(1);
  expectNone(err + out);
});
