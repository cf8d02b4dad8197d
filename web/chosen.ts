/**
 * What is chosen on a page, as its address says it.
 * It does not deal with what the names mean.
 */
import {useCallback} from 'react';
import {useSearchParams} from 'wouter';

export interface Chosen {
  /** Empty where the address does not say it. */
  readonly of: (name: string) => string;
  /** Empty texts leave the address. What is typed replaces the address, so that going back does not go letter by letter. */
  readonly choose: (values: Readonly<Record<string, string>>) => void;
}

export function useChosen(): Chosen {
  const [params, setParams] = useSearchParams();
  const of = useCallback((name: string) => params.get(name) ?? '', [params]);
  const choose = useCallback(
    (values: Readonly<Record<string, string>>) =>
      setParams(before => changed(before, values), {replace: true}),
    [setParams],
  );
  return {of, choose};
}

/** An address with other values; empty texts leave it. */
export function changed(params: URLSearchParams, values: Readonly<Record<string, string>>): URLSearchParams {
  const after = new URLSearchParams(params);
  for (const [name, value] of Object.entries(values)) {
    if (value === '') after.delete(name);
    else after.set(name, value);
  }
  return after;
}

/** The one of `all` that is chosen; the first where the address says another. */
export function oneOf<T extends string>(value: string, all: readonly [T, ...T[]]): T {
  return all.find(each => each === value) ?? all[0];
}

const DAY = 86_400_000;

/** `7d` or `12h` in milliseconds; undefined for what is neither. */
export function spanOf(text: string): number | undefined {
  const [, count = '', unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * (unit === 'd' ? DAY : DAY / 24);
}
