/**
 * What may stand in place of the last word of a command line: commands, flags, and the values of both.
 * It does not deal with shells (completion-scripts.ts) nor with where names come from (completion-values.ts).
 */
import type {Command, Flag, Options} from './command.ts';
import {type Candidate, type Completing, VALUES_OF_ARGUMENT, VALUES_OF_FLAG} from './completion-values.ts';
import type {World} from './world.ts';

/** A candidate a line, with its description after a tab; empty where there is none, or where anything goes wrong. */
export async function completionLines(
  words: readonly string[],
  commands: readonly Command[],
  world: World,
): Promise<string> {
  try {
    const quiet = {...world, complain: () => undefined};
    const candidates = await complete(words, commands, quiet);
    return candidates
      .filter(({value}) => isPlain(value))
      .map(({value, description}) => `${value}\t${description.replace(/\s+/g, ' ')}\n`)
      .join('');
  } catch {
    return '';
  }
}

/** Whether a shell takes the text as one word, as it stands. */
function isPlain(text: string): boolean {
  return /^[\w.:@+,=*/-]+$/.test(text);
}

async function complete(
  words: readonly string[],
  commands: readonly Command[],
  world: World,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const line = readLine(words.slice(0, -1), commands);
  const completing: Completing = {options: line.options, world};
  const found = await candidatesFor(current, line, completing, commands);
  return found.filter(({value}) => value.startsWith(current));
}

/** A command line up to the word that is completed. */
interface Line {
  readonly command: Command | undefined;
  /** A flag whose value comes next. */
  readonly open: Flag | undefined;
  /** How many arguments the command has so far. */
  readonly arguments: number;
  readonly options: Options;
}

function readLine(words: readonly string[], commands: readonly Command[]): Line {
  let command: Command | undefined;
  let open: Flag | undefined;
  let count = 0;
  const values = new Map<string, string>();
  for (const word of words) {
    if (open !== undefined) {
      values.set(longName(open), word);
      open = undefined;
    } else if (word.startsWith('-')) {
      const [name = '', value] = splitValue(word);
      const flag = command?.flags.find(({flags}) => namesOf(flags).includes(name));
      if (flag === undefined || !takesValue(flag)) continue;
      if (value === undefined) open = flag;
      else values.set(longName(flag), value);
    } else {
      const known = count > 0 ? [] : command === undefined ? commands : (command.subcommands ?? []);
      const next = known.find(({name}) => name === word);
      if (next === undefined) count++;
      else command = next;
    }
  }
  const [directory, manifest, target] = ['--directory', '--manifest', '--target'].map(name =>
    values.get(name),
  );
  const options = {
    ...(directory === undefined ? {} : {directory}),
    ...(manifest === undefined ? {} : {manifest}),
    ...(target === undefined ? {} : {target}),
  };
  return {command, open, arguments: count, options};
}

async function candidatesFor(
  current: string,
  {command, open, arguments: count}: Line,
  completing: Completing,
  commands: readonly Command[],
): Promise<readonly Candidate[]> {
  if (open !== undefined) return valuesOfFlag(open, current, completing);
  if (command === undefined) return count > 0 ? [] : commands.map(asCandidate);
  const [name = '', value] = splitValue(current);
  if (current.startsWith('-') && value !== undefined) {
    const flag = command.flags.find(({flags}) => namesOf(flags).includes(name));
    if (flag === undefined) return [];
    const values = await valuesOfFlag(flag, value, completing);
    return values.map(each => ({...each, value: `${name}=${each.value}`}));
  }
  if (current.startsWith('-')) return flagsOf(command);
  const argument = command.arguments[Math.min(count, command.arguments.length - 1)]?.[0];
  const isFull = count >= command.arguments.length && argument?.includes('...') !== true;
  const find = argument === undefined || isFull ? undefined : VALUES_OF_ARGUMENT.get(argument);
  const values = find === undefined ? [] : await find(current, completing);
  return [...(count === 0 ? (command.subcommands ?? []).map(asCandidate) : []), ...values];
}

function asCandidate({name, summary}: Command): Candidate {
  return {value: name, description: summary};
}

function flagsOf({flags}: Command): readonly Candidate[] {
  const own = flags.flatMap(({flags: text, description}) =>
    namesOf(text).map(value => ({value, description})),
  );
  return [...own, {value: '--help', description: 'what the command does, with examples'}];
}

async function valuesOfFlag(
  flag: Flag,
  current: string,
  completing: Completing,
): Promise<readonly Candidate[]> {
  if (flag.words !== undefined) return flag.words.map(value => ({value, description: ''}));
  const find = VALUES_OF_FLAG.get(flag.flags) ?? VALUES_OF_FLAG.get(longName(flag));
  return (await find?.(current, completing)) ?? [];
}

/** `-C` and `--directory` of `-C, --directory <path>`. */
function namesOf(flags: string): readonly string[] {
  return flags.split(/[ ,]+/).filter(part => part.startsWith('-'));
}

function longName({flags}: Flag): string {
  return namesOf(flags).at(-1) ?? flags;
}

function takesValue({flags}: Flag): boolean {
  return flags.includes('<');
}

function splitValue(word: string): readonly [name: string, value: string | undefined] {
  const at = word.indexOf('=');
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
