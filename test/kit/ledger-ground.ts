/**
 * A ground whose ledgers lie in PostgreSQL: each plot has a database of its own, copied from what was kept.
 * It does not deal with warehouses and stores (ground.ts).
 */
import type {Ground, Plot, TrialEngine} from './ground.ts';
import {PASSWORD, type PostgresServer, testPostgres} from './postgres.ts';

export class LedgersInPostgres implements Ground {
  readonly engine: TrialEngine;
  readonly #ground: Ground;
  readonly #server: PostgresServer;
  readonly #kept = new Map<string, string>();

  private constructor(ground: Ground, server: PostgresServer) {
    this.engine = ground.engine;
    this.#ground = ground;
    this.#server = server;
  }

  static async open(ground: Ground): Promise<LedgersInPostgres> {
    // The manifest says no password: this is where the client of every process looks for it.
    process.env['PGPASSWORD'] = PASSWORD;
    return new LedgersInPostgres(ground, await testPostgres());
  }

  async plot(root: string, from?: string): Promise<Plot> {
    const plot = await this.#ground.plot(root, from);
    const database = new URL(
      await this.#server.database(from === undefined ? undefined : this.#kept.get(from)),
    );
    database.password = '';
    const url = database.href;
    const targets = Object.entries(plot.targets).map(([name, target]) => [name, {...target, ledger: url}]);
    const ledger = {kind: 'postgres', url, schema: 'gameplan'} as const;
    return {...plot, targets: Object.fromEntries(targets), ledger};
  }

  async keep(root: string, plot: Plot, name: string): Promise<void> {
    await this.#ground.keep(root, plot, name);
    this.#kept.set(name, await this.#server.database(urlOf(plot)));
  }

  async clear(plot: Plot): Promise<void> {
    await this.#ground.clear(plot);
    await this.#server.drop(urlOf(plot));
  }

  async close(): Promise<void> {
    await this.#ground.close();
    for (const url of this.#kept.values()) await this.#server.drop(url);
  }
}

function urlOf({ledger}: Plot): string {
  if (ledger.kind !== 'postgres') throw new Error('a plot of another ground');
  return ledger.url;
}
