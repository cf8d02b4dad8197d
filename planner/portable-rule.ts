/**
 * What a rule of portability is: a look at one token of a query and at what stands around it.
 * The rules are in portable-syntax.ts and portable-values.ts.
 */
import type {TokenView} from './token-view.ts';

/** What keeps a construct from being portable: BigQuery refuses it, or takes it and gives something else. */
export interface Difference {
  readonly severity: 'error' | 'warning';
  /** A sentence's end after the name of the thing: what is different, then what to write. */
  readonly says: string;
}

/** What the rules must know of a query beside its text. Names in lower case. */
export interface About {
  readonly library: ReadonlySet<string>;
  /** Columns that hold doubles in some table that the query reads. */
  readonly doubles: ReadonlySet<string>;
  /** Columns of all that the query reads. */
  readonly columns: ReadonlySet<string>;
  /** Names that the query can read. */
  readonly relations: ReadonlySet<string>;
  /** Whether the order of the rows is kept. */
  readonly isOrdered: boolean;
}

export type Rule = (view: TokenView, at: number, about: About) => Difference | undefined;

export const refused = (says: string): Difference => ({severity: 'error', says});
export const unlike = (says: string): Difference => ({severity: 'warning', says});
