/**
 * A list whose lines begin with the mark of how grave they are, as alerts and events are listed.
 * It does not deal with which icon means what, nor with what stands beside it.
 */
import './marked-list.css';
import type {IconCircleX} from '@tabler/icons-react';
import type {ReactNode} from 'react';

export function MarkedList({
  of,
  isWaiting = false,
  children,
}: {
  readonly of: string;
  readonly isWaiting?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <ul className="marked-list" aria-label={of} aria-busy={isWaiting} style={{opacity: isWaiting ? 0.5 : 1}}>
      {children}
    </ul>
  );
}

export function MarkedLine({
  severity,
  icon: Icon,
  children,
}: {
  readonly severity: string;
  readonly icon: typeof IconCircleX;
  readonly children: ReactNode;
}) {
  return (
    <li className="marked-line">
      <span className="marked-mark" data-severity={severity}>
        <Icon size={18} role="img" aria-label={severity} />
      </span>
      {children}
    </li>
  );
}
