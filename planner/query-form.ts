/**
 * How a query's text is read where no parser is at hand: canonical form, names that it calls; in DuckDB's SQL, which is
 * what both engines share, or in GoogleSQL. It does not deal with what the text means.
 */
import {calledNames, canonicalQuery, showsNames, spelledQuery} from './canonical.ts';
import {canonicalGoogle, googleCalls, spelledGoogle} from './google-tokens.ts';
import type {QueryText} from './sources.ts';

interface QueryForm {
  /** Two texts with the same form say the same. */
  canonical(text: string): string;
  /** The same with the case of words as written. */
  spelled(text: string): string;
  /** Names that a text calls as functions, lower case. */
  called(text: string): ReadonlySet<string>;
  /** Whether a query turns names of its columns or fields into values. */
  showsNames(text: string): boolean;
}

const SHARED: QueryForm = {canonical: canonicalQuery, spelled: spelledQuery, called: calledNames, showsNames};

const GOOGLE: QueryForm = {
  canonical: canonicalGoogle,
  spelled: spelledGoogle,
  called: googleCalls,
  showsNames: text => [...googleCalls(text)].some(name => /json|struct/.test(name)),
};

export function formOf({engine}: QueryText): QueryForm {
  return engine === 'bigquery' ? GOOGLE : SHARED;
}
