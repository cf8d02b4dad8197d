/**
 * What stays true while the page is open: the pipeline, its axes and strips, and the line to the server that tells what
 * changes. Every other answer is asked again when the ledger has gone on.
 * It does not deal with how any of it is drawn.
 */
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {createContext, type ReactNode, useContext, useEffect, useMemo, useState} from 'react';
import type {LiveMessage} from '../server/live-message.ts';
import type {AxisBody, PipelineBody} from '../server/schema/pipeline.ts';
import type {Strips} from '../server/strip-format.ts';
import {get, getStrips} from './api.ts';
import {ToldMeanwhile} from './told-meanwhile.ts';

export type Connection = 'connecting' | 'open' | 'lost';
export type Progress = Extract<LiveMessage, {kind: 'progress'}>;

export interface Live {
  readonly connection: Connection;
  readonly pipeline: PipelineBody;
  readonly axes: ReadonlyMap<string, AxisBody>;
  /** By asset. Changed in place; `stripsVersion` goes up with every change. */
  readonly strips: ReadonlyMap<string, Uint8Array>;
  readonly stripsVersion: number;
  /** Of the ledger, as far as was told. */
  readonly sequence: number;
  /** Of runs at work, by id. */
  readonly progress: ReadonlyMap<string, Progress>;
}

const LiveContext = createContext<Live | undefined>(undefined);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error('Nothing live is around this');
  return live;
}

/** `whileWaiting` and `onError` are shown until the first answers are there. */
export function LiveProvider({
  children,
  whileWaiting,
  onError,
}: {
  readonly children: ReactNode;
  readonly whileWaiting: ReactNode;
  readonly onError: (error: Error, retry: () => void) => ReactNode;
}) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const [version, setVersion] = useState(0);
  const [sequence, setSequence] = useState(0);
  const [progress, setProgress] = useState<ReadonlyMap<string, Progress>>(new Map());
  const pipeline = useQuery({queryKey: ['pipeline'], queryFn: () => get<PipelineBody>('/pipeline')});
  const axes = useQuery({queryKey: ['axes'], queryFn: () => get<{axes: AxisBody[]}>('/axes')});
  const [told] = useState(() => new ToldMeanwhile());
  const strips = useQuery({queryKey: ['strips'], queryFn: () => told.during(() => getStrips('/strips'))});

  useEffect(() => {
    const source = new EventSource('/api/v1/stream');
    source.onopen = () => setConnection('open');
    source.onerror = () => setConnection('lost');
    let due: ReturnType<typeof setTimeout> | undefined;
    const isOfLedger = ({queryKey}: {readonly queryKey: readonly unknown[]}) => queryKey[0] === 'ledger';
    // What was computed from the ledger is asked again, at most twice a second, and never before it was answered.
    const renew = () => {
      due ??= setTimeout(() => {
        due = undefined;
        if (client.isFetching({predicate: isOfLedger}) > 0) renew();
        else void client.invalidateQueries({predicate: isOfLedger});
      }, 500);
    };
    // A plan stays what it was when it was shown.
    const renewAll = () => void client.invalidateQueries({predicate: ({queryKey}) => queryKey[0] !== 'plan'});
    source.onmessage = ({data}: MessageEvent<string>) => {
      const message = JSON.parse(data) as LiveMessage; // the server's own type
      switch (message.kind) {
        case 'hello':
          setSequence(message.sequence);
          renewAll();
          return;
        case 'ledger':
          setSequence(message.sequence);
          told.tell(client.getQueryData<Strips>(['strips'])?.bytes, message.changes);
          setVersion(before => before + 1);
          renew();
          return;
        case 'progress':
          setProgress(before => new Map(before).set(message.run, message));
          return;
        case 'run-ended':
          setProgress(before => new Map([...before].filter(([run]) => run !== message.run)));
          renew();
          return;
        case 'pipeline':
          renewAll();
      }
    };
    return () => {
      source.close();
      clearTimeout(due);
    };
  }, [client, told]);

  const live = useMemo<Live | undefined>(
    () =>
      pipeline.data === undefined || axes.data === undefined || strips.data === undefined
        ? undefined
        : {
            connection,
            pipeline: pipeline.data,
            axes: new Map(axes.data.axes.map(each => [each.axis, each])),
            strips: strips.data.bytes,
            stripsVersion: version,
            sequence,
            progress,
          },
    [connection, pipeline.data, axes.data, strips.data, version, sequence, progress],
  );
  const failed = pipeline.error ?? axes.error ?? strips.error;
  if (live !== undefined) return <LiveContext value={live}>{children}</LiveContext>;
  if (failed !== null) return onError(failed, () => void client.invalidateQueries());
  return whileWaiting;
}

/** An answer that is computed from the ledger: kept while it is asked again. Not asked before it `isWanted`. */
export function useLedger<T>(path: string, ask: () => Promise<T>, isWanted = true) {
  return useQuery({
    queryKey: ['ledger', path],
    queryFn: ask,
    enabled: isWanted,
    placeholderData: before => before,
  });
}
