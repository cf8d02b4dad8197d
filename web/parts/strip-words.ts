/** What a strip shows, in words. It does not deal with single partitions (partition-card.tsx). */
import {useMemo} from 'react';
import {counted, number} from '../../planner/amount.ts';
import type {Scale} from '../looks.ts';
import {type Span, summaryOf} from '../strip-layout.ts';

/** `165 partitions: 12 missing, 153 fresh`. */
export function summaryText(bytes: Uint8Array | undefined, span: Span, scale: Scale): string {
  const all = counted(span.to - span.from, 'partition');
  if (bytes === undefined) return all;
  const words = summaryOf(bytes, span, scale).map(
    ({rank, count}) => `${number(count)} ${scale.looks[rank]?.word ?? ''}`,
  );
  return words.length === 0 ? all : `${all}: ${words.join(', ')}`;
}

/** Counted once, and again where bytes were changed in place. */
export function useSummary(
  bytes: Uint8Array | undefined,
  {from, to}: Span,
  scale: Scale,
  version: number,
): string {
  // biome-ignore lint/correctness/useExhaustiveDependencies: bytes are changed in place, and `version` tells of it.
  return useMemo(() => summaryText(bytes, {from, to}, scale), [bytes, from, to, scale, version]);
}
