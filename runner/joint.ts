/**
 * What several ask for at about the same time, done as one: a transaction costs more than what is in it. While several
 * come at once it is gathered for as long as it took the last time: the more others are at work with a ledger, the more
 * is done at once. Who works alone waits for nobody.
 * It does not know what is done.
 */

/** Nobody waits longer for others. */
const MOST_MS = 20;

interface Asked<Item> {
  readonly item: Item;
  readonly done: PromiseWithResolvers<void>;
}

export class Joint<Item> {
  readonly #act: (items: readonly Item[]) => void;
  #asked: Asked<Item>[] = [];
  /** How long it is gathered for. */
  #waitMs = 0;

  /** `act` gets all items in the order in which they were asked for; what it throws is told to each of them. */
  constructor(act: (items: readonly Item[]) => void) {
    this.#act = act;
  }

  /** Ends when it is done. */
  ask(item: Item): Promise<void> {
    const done = Promise.withResolvers<void>();
    if (this.#asked.length === 0) this.#begin();
    this.#asked.push({item, done});
    return done.promise;
  }

  #begin(): void {
    const act = (): void => this.#do();
    if (this.#waitMs < 1) setImmediate(act);
    else setTimeout(act, this.#waitMs);
  }

  #do(): void {
    const asked = this.#asked;
    this.#asked = [];
    const began = performance.now();
    try {
      this.#act(asked.map(({item}) => item));
    } catch (error) {
      for (const {done} of asked) done.reject(error);
      return;
    } finally {
      this.#waitMs = asked.length > 1 ? Math.min(performance.now() - began, MOST_MS) : 0;
    }
    for (const {done} of asked) done.resolve();
  }
}
