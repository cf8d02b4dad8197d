/** A site on 127.0.0.1 whose answers a test chooses, and a `files` module that asks it. */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';

/** What is answered to the n-th request (from 1) of a path: a body, or whatever is done to the response. */
export type Answering = (request: {
  readonly path: string;
  readonly count: number;
  readonly response: ServerResponse;
  readonly message: IncomingMessage;
}) => string | undefined;

export class Answers {
  readonly url: string;
  /** How often each path was asked for. */
  readonly asked: Map<string, number>;
  answering: Answering;
  readonly #close: () => void;

  private constructor(url: string, asked: Map<string, number>, answering: Answering, close: () => void) {
    this.url = url;
    this.asked = asked;
    this.answering = answering;
    this.#close = close;
  }

  static async open(answering: Answering): Promise<Answers> {
    const asked = new Map<string, number>();
    const server = createServer((message, response) => {
      const path = message.url ?? '';
      const count = (asked.get(path) ?? 0) + 1;
      asked.set(path, count);
      const body = answers.answering({path, count, response, message});
      if (body === undefined) return;
      response.setHeader('content-type', 'application/json');
      response.end(body);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const answers = new Answers(`http://127.0.0.1:${address.port}`, asked, answering, () => {
      server.closeAllConnections();
      server.close();
    });
    return answers;
  }

  get total(): number {
    return [...this.asked.values()].reduce((sum, count) => sum + count, 0);
  }

  close(): void {
    this.#close();
  }
}

/** Asks `/<key>`, stores the answer as it came, and gives the games that it holds. */
export const FETCHED = `import {type Files, z} from 'gameplan';

const shape = z.object({games: z.array(z.object({id: z.string(), points: z.number()}))});

export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get(partition.key);
  await put('answer.json', answer.bytes);
  const {games} = answer.json(shape);
  return {games: games.map(({id}) => id)};
};
`;

/** The rows of what \`FETCHED\` stored. */
export const LANDED = `import {type Rows, z} from 'gameplan';

const shape = z.object({games: z.array(z.object({id: z.string(), points: z.number()}))});

export const rows: Rows = async function* ({partition, inputs}) {
  for await (const object of inputs['answers']?.objects() ?? []) {
    for (const {id, points} of object.json(shape).games) yield {game_date: partition.key, game_id: id, points};
  }
};
`;
