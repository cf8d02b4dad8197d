/**
 * A run in a process of its own, beside others: it prints what came of each partition, and may stop itself at a point,
 * as a machine that sleeps would. Its one argument is JSON (`OtherRun`).
 */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Pulse} from '../../runner/liveness.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {openAt} from './project.ts';

/** `at-insert`: before the publishing job is sent, when nothing else is left to be done. */
export type StopPoint = 'before-intent' | 'after-intent' | 'before-publish' | 'at-insert' | 'at-fetch';

export interface OtherRun {
  readonly root: string;
  readonly now: number;
  readonly waitMs: number;
  readonly pulse: Pulse;
  readonly select?: string;
  readonly keys?: readonly string[];
  readonly force?: boolean;
  /** Stops itself there, on this asset, and goes on when it is told to. */
  readonly stopAt?: {readonly point: StopPoint; readonly asset: string};
}

export interface OtherResult {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  /** Where the run ended by a fault. */
  readonly error: string | undefined;
}

const asked = JSON.parse(process.argv[2] ?? '') as OtherRun; // of a test

let isOver = false;
function stopAt(point: StopPoint, asset: string): void {
  const {stopAt} = asked;
  if (isOver || stopAt?.point !== point || stopAt.asset !== asset) return;
  isOver = true;
  writeFileSync(join(asked.root, `stopped-${process.pid}`), '');
  process.kill(process.pid, 'SIGSTOP');
}

function stopping(workshop: Workshop): Workshop {
  const ledger = new Proxy(workshop.ledger, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (name === 'writeIntents')
        return (intents: Parameters<typeof target.writeIntents>[0]) => {
          for (const {asset} of intents) stopAt('before-intent', asset);
          target.writeIntents(intents);
          for (const {asset} of intents) stopAt('after-intent', asset);
        };
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
  return {
    ...workshop,
    ledger,
    async warehouse(waitMs) {
      const warehouse = await workshop.warehouse(waitMs);
      return new Proxy(warehouse, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name === 'publish')
            return async (request: Parameters<typeof target.publish>[0]) => {
              const {name} = request.staged.table;
              stopAt('before-publish', name);
              const guard = (): void => {
                request.guard?.();
                stopAt('at-insert', name);
              };
              await target.publish({...request, guard});
            };
          return typeof found === 'function' ? found.bind(target) : found;
        },
      });
    },
    code: {
      rows: (...args) => workshop.code.rows(...args),
      files: async (asset, ...rest) => {
        const result = await workshop.code.files(asset, ...rest);
        stopAt('at-fetch', asset.name);
        return result;
      },
    },
  };
}

const project = openAt(asked.root, asked.now);
project.waitMs = asked.waitMs;
project.pulse = asked.pulse;
const outcomes: Record<string, string> = {};
const reasons: Record<string, readonly string[]> = {};
let error: string | undefined;
try {
  await project.materialize({
    ...(asked.select === undefined ? {} : {select: asked.select}),
    ...(asked.keys === undefined ? {} : {range: {keys: asked.keys}}),
    force: asked.force === true,
    through: stopping,
    onEvent: event => {
      if (event.kind !== 'partition-ended') return;
      outcomes[`${event.asset}@${event.key}`] = event.outcome;
      reasons[`${event.asset}@${event.key}`] = event.reasons.map(reason =>
        'holder' in reason ? `${reason.kind}: ${reason.holder}` : reason.kind,
      );
    },
  });
} catch (fault) {
  error = fault instanceof Error ? fault.message : String(fault);
}
process.stdout.write(JSON.stringify({outcomes, reasons, error} satisfies OtherResult));
