/**
 * Stands before a league and cuts its player rows of one date to the first; everything else passes as it is.
 * It does not deal with other ways to fail, of which the league server has its own.
 */
import {createServer} from 'node:http';

export interface CutPlayers {
  readonly url: string;
  isCutting: boolean;
  /** How many rows the league had when it was asked last. */
  readonly rows: number;
  stop(): void;
}

/** Said of one connection alone. */
const HOPS = new Set(['host', 'connection', 'transfer-encoding', 'content-length', 'accept-encoding']);

export async function cutPlayersOf(league: string, date: string): Promise<CutPlayers> {
  const [year, month, day] = date.split('-');
  let rows = 0;
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const url = request.url ?? '/';
      const headers = Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !HOPS.has(name) ? [[name, value]] : [],
      );
      const found = await fetch(`${league}${url}`, {headers: Object.fromEntries(headers)});
      let body = await found.text();
      const asksForIt = new URL(url, league).searchParams.get('DateFrom') === `${month}/${day}/${year}`;
      if (asksForIt) {
        // the game log's own shape
        const log = JSON.parse(body) as {resultSets: {rowSet: unknown[]}[]};
        rows = log.resultSets[0]?.rowSet.length ?? 0;
        if (cut.isCutting) log.resultSets[0]?.rowSet.splice(1);
        body = JSON.stringify(log);
      }
      response.writeHead(found.status, {
        'content-type': found.headers.get('content-type') ?? 'application/json',
      });
      response.end(body);
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const cut: CutPlayers = {
    url: typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '',
    isCutting: true,
    get rows() {
      return rows;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return cut;
}
