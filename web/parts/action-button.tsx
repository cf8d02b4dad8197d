/**
 * A button that does something to the pipeline. While it may not be pressed it says why, to the eye and to the ear,
 * and stays where it can be reached.
 * It does not deal with what it does.
 */
import {Button, type ButtonProps, Tooltip, VisuallyHidden} from '@mantine/core';
import {type MouseEvent, type ReactNode, useId} from 'react';

export function ActionButton({
  why,
  onClick,
  children,
  ...rest
}: ButtonProps & {
  /** Why it may not be pressed now; undefined where it may. */
  readonly why: string | undefined;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  const id = useId();
  const isOff = why !== undefined;
  const press = (event: MouseEvent) => {
    if (isOff) event.preventDefault();
    else onClick();
  };
  return (
    <Tooltip
      label={why}
      disabled={!isOff}
      multiline
      maw={320}
      withArrow
      events={{hover: true, focus: true, touch: true}}
    >
      <Button
        {...rest}
        onClick={press}
        data-disabled={isOff}
        aria-disabled={isOff}
        aria-describedby={isOff ? id : undefined}
      >
        {children}
        {isOff && <VisuallyHidden id={id}>{why}</VisuallyHidden>}
      </Button>
    </Tooltip>
  );
}

/** Why nothing may be changed from here; undefined where it may. */
export function whyNoChange({isReadOnly}: {readonly isReadOnly: boolean}): string | undefined {
  return isReadOnly ? 'This page is read-only: the server was started with --read-only.' : undefined;
}
