/**
 * The first of many, and the others when somebody asks for all.
 * It does not deal with what one looks like, nor with lists so long that only what is seen may be there (virtual-rows.tsx).
 */
import {Button} from '@mantine/core';
import {type ReactNode, useState} from 'react';
import {counted} from '../../planner/amount.ts';

export function FirstOf<T>({
  all,
  most,
  noun,
  children,
}: {
  readonly all: readonly T[];
  /** How many are shown before somebody asks for all. */
  readonly most: number;
  /** What one is, such as `attempt`. */
  readonly noun: string;
  readonly children: (shown: readonly T[]) => ReactNode;
}) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? all : all.slice(0, most);
  const hidden = all.length - shown.length;
  return (
    <>
      {children(shown)}
      {hidden > 0 && (
        <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setWhole(true)}>
          Show {counted(hidden, `more ${noun}`)}
        </Button>
      )}
    </>
  );
}
