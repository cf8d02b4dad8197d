/** What docs/ and the README say of commands in the middle of a sentence is so: each is a command, with flags that it has. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Command} from '../../cli/command.ts';
import {COMMANDS} from '../../cli/program.ts';
import {DOC_PAGES} from './doc-page.ts';

const root = path.join(import.meta.dirname, '..', '..');
const README = {name: 'README.md', text: readFileSync(path.join(root, 'README.md'), 'utf8')};

/** Of the program itself. */
const OF_ALL = ['--help', '--version', '-h', '-V'];

/** In backticks, outside of blocks. */
function inlineCommands(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`(?:npx )?gameplan ((?:[a-z][\w-]*|-)[^`]*)`/g)].map(([, line = '']) => line);
}

function unknownIn(line: string): readonly string[] {
  const words = line.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  let command: Command | undefined;
  let below: readonly Command[] = COMMANDS;
  for (const word of words) {
    const next = below.find(({name}) => name === word);
    if (next === undefined) break;
    command = next;
    below = next.subcommands ?? [];
  }
  if (command === undefined) return words[0] === undefined || OF_ALL.includes(words[0]) ? [] : [words[0]];
  const known = new Set([
    ...OF_ALL,
    ...command.flags.flatMap(({flags}) => flags.match(/(?<![\w-])--?[a-z][\w-]*/gi) ?? []),
  ]);
  const flags = words.flatMap(word => /^--?[a-z][\w-]*/i.exec(word)?.[0] ?? []);
  return flags.filter(flag => !known.has(flag)).map(flag => `${command.name} ${flag}`);
}

test('commands are found', () => {
  expect(inlineCommands('Say `gameplan plan --nowhere`.').flatMap(unknownIn)).toEqual(['plan --nowhere']);
  expect(inlineCommands('Say `gameplan plam`.').flatMap(unknownIn)).toEqual(['plam']);
});

describe.each([README, ...DOC_PAGES])('$name', ({text}) => {
  test('speaks of commands that there are', () => {
    expect(inlineCommands(text).flatMap(unknownIn)).toEqual([]);
  });
});
