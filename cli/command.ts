/**
 * A command as data: what it is called, takes and does. program.ts makes a command line of them.
 * It does not deal with parsing arguments.
 */
import type {EventKind, Severity} from '../planner/coverage-event.ts';
import type {World} from './world.ts';

/** Every flag of every command; a command sees those that it declares. */
export interface Options {
  readonly directory?: string;
  readonly manifest?: string;
  readonly target?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly dates?: string;
  readonly season?: readonly string[];
  readonly limit?: number;
  readonly missingOnly?: boolean;
  readonly failed?: boolean;
  readonly force?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: number;
  readonly all?: boolean;
  readonly prune?: boolean;
  readonly allowProtected?: boolean;
  readonly ignoreGate?: boolean;
  readonly detailedExitcode?: boolean;
  readonly acceptCalendar?: boolean;
  readonly concurrency?: number;
  /** Milliseconds. */
  readonly wait?: number;
  readonly events?: boolean;
  readonly compact?: boolean;
  readonly order?: 'oldest' | 'newest';
  readonly bySeason?: boolean;
  readonly failFast?: boolean;
  readonly spread?: boolean;
  readonly untilIdle?: boolean;
  readonly dryRun?: boolean;
  readonly batches?: boolean;
  readonly junit?: string;
  readonly codeQuality?: string;
  readonly report?: string;
  readonly tests?: boolean;
  readonly comment?: boolean;
  readonly portable?: boolean;
  readonly data?: boolean;
  readonly reason?: string;
  readonly by?: string;
  readonly yes?: boolean;
  readonly fresh?: boolean;
  readonly anyway?: boolean;
  readonly stale?: boolean;
  readonly out?: string;
  readonly replan?: boolean;
  readonly against?: string;
  readonly markdown?: boolean;
  readonly estimateBytes?: boolean;
  readonly whyNot?: boolean;
  readonly kind?: readonly EventKind[];
  readonly severity?: Severity;
  readonly source?: string;
  readonly game?: string;
  /** Milliseconds before now. */
  readonly since?: number;
  readonly run?: string;
  readonly byGame?: boolean;
  readonly olderThan?: number;
  readonly open?: boolean;
  readonly accepted?: boolean;
  readonly void?: boolean;
  readonly format?: string;
  readonly games?: string;
  /** A date. */
  readonly until?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly allowHost?: readonly string[];
  readonly readOnly?: boolean;
  readonly allowActions?: boolean;
  readonly trigger?: string;
  readonly openMetrics?: boolean;
  readonly heal?: boolean;
  readonly schedule?: string;
  readonly grace?: number;
  readonly triggerTokenFile?: string;
  readonly pushAudience?: string;
  readonly pushAccount?: string;
}

export interface Flag {
  /** As commander reads it, such as `--limit <n>`. */
  readonly flags: string;
  readonly description: string;
  /** The only values that it has. */
  readonly words?: readonly string[];
  /** Throws an InvalidArgumentError for a text that is none. */
  readonly parse?: (text: string, before: unknown) => unknown;
}

export interface Invocation {
  readonly args: readonly string[];
  readonly options: Options;
  readonly world: World;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** As commander reads them, such as `[assets...]`, with what they are. */
  readonly arguments: readonly (readonly [name: string, description: string])[];
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  readonly subcommands?: readonly Command[];
  /** Returns the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** The argument of commands that speak of assets. */
/** Partitions of one asset. */
export const ASSET_RANGE = [
  '<partitions>',
  'ASSET@RANGE, such as raw.games@2024-01-15 or raw.games@2024-01-01..2024-01-31',
] as const;

export const EVERY_ASSET = ['[assets...]', 'selectors of assets (default: every asset)'] as const;
