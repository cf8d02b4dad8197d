/**
 * What stands where there is nothing to show: because there is none, because it is awaited, or because asking failed.
 * It does not deal with asking.
 */
import './empty.css';
import {Button, Skeleton, Stack, Text} from '@mantine/core';
import {IconAlertTriangle, IconCircleDashed, IconPlugOff} from '@tabler/icons-react';
import type {ReactNode} from 'react';
import {Refused} from '../api.ts';
import {Unreachable} from '../unreachable.ts';

/** There is nothing: `title` says of what, the children what to do. */
export function Empty({
  title,
  icon,
  children,
}: {
  readonly title: string;
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <span className="empty-icon" aria-hidden>
        {icon ?? <IconCircleDashed size={26} stroke={1.5} />}
      </span>
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" component="div" className="quiet" maw={520}>
          {children}
        </Text>
      )}
    </div>
  );
}

/** As high as what is awaited, so that nothing jumps. */
export function Awaited({
  height,
  lines = 1,
  of,
}: {
  readonly height: number;
  readonly lines?: number;
  readonly of: string;
}) {
  return (
    <Stack gap="xs" role="status" aria-label={`Loading ${of}`}>
      {Array.from({length: lines}, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all alike.
        <Skeleton key={line} height={height / lines - 8} radius="sm" />
      ))}
    </Stack>
  );
}

/** What the server said instead of an answer, and whether asking again may help. */
export function Failed({error, retry}: {readonly error: Error; readonly retry?: () => void}) {
  const isAway = error instanceof Unreachable;
  // The same question would be refused again.
  const isWrong = error instanceof Refused && error.status === 400;
  return (
    <div className="empty" role="alert">
      <span className="empty-icon" aria-hidden>
        {isAway ? <IconPlugOff size={26} stroke={1.5} /> : <IconAlertTriangle size={26} stroke={1.5} />}
      </span>
      <Text fw={600}>{error.message}</Text>
      {error instanceof Refused && error.details !== undefined && (
        <pre className="empty-details">{error.details}</pre>
      )}
      {retry !== undefined && !isWrong && (
        <Button variant="default" size="xs" mt={4} onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}
