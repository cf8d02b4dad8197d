/**
 * What is shown in place of a page that cannot be drawn, such as one whose code did not arrive: the rest of the frame stays.
 * It does not deal with answers that failed (empty.tsx).
 */
import {Component, type ReactNode} from 'react';
import type {Connection} from '../live.tsx';
import {Failed} from './empty.tsx';

interface Props {
  readonly children: ReactNode;
  readonly connection: Connection;
  /** The address: at another one it tries again. */
  readonly at: string;
}

interface State {
  readonly error: Error | undefined;
  readonly at: string;
  /** Whether the line to the server was lost since. */
  readonly wasLost: boolean;
}

export class Boundary extends Component<Props, State> {
  override state: State = {error: undefined, at: this.props.at, wasLost: false};

  static getDerivedStateFromError(error: Error): Partial<State> {
    return {error};
  }

  static getDerivedStateFromProps({connection, at}: Props, state: State): State {
    const wasLost = state.wasLost || connection === 'lost';
    return at === state.at ? {...state, wasLost} : {error: undefined, at, wasLost: connection === 'lost'};
  }

  /** Code that did not arrive is asked for again only by a new page. */
  override componentDidUpdate(): void {
    const {error, wasLost} = this.state;
    if (error !== undefined && wasLost && this.props.connection === 'open') location.reload();
  }

  override render(): ReactNode {
    const {error} = this.state;
    return error === undefined ? (
      this.props.children
    ) : (
      <Failed error={error} retry={() => location.reload()} />
    );
  }
}
