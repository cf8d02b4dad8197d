/** The engine knows nothing of basketball: its words stand in the shipped pipeline and its demo, and in no folder of the engine. */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';

const root = path.dirname(import.meta.dirname);
const ENGINE = ['planner', 'runner', 'report', 'server', 'cli', 'web', 'bin', 'template'];

/**
 * Words of the sport, of its league and of the sites that tell of it. `game`, `team` and `season` are words of the
 * manifest, whatever is played.
 */
const WORDS: readonly RegExp[] = [
  /basketball/i,
  /(?<![a-z])nba/i,
  /espn/i,
  /balldontlie|(?<![a-z])bdl(?![a-z])/i,
  /bettingpros/i,
  /(?<![a-z])odds/i,
  /box_?scores?/i,
  /play_?-?in(?![a-z])/i,
  /play-?offs?/i,
  /(?<![a-z])rebound/i,
  /(?<![a-z])assists/i,
  /tip-?off/i,
  /(?<![a-z])players?(?![a-z])/i,
  /free_?\s?throw/i,
  /(?<![a-z])threes/i,
  /turnovers?(?![a-z])/i,
  /shot_?\s?zone/i,
];

/** Of other words: an icon's name, as its library has it. */
const OTHERS = /IconPlayerPlay/g;

/** Of a command's help: what may be typed in the project that lies beside the engine. */
const EXAMPLES = /\bexamples: \[[\s\S]*?\](?=,\n)/g;

function textsIn(folder: string): readonly (readonly [file: string, text: string])[] {
  return readdirSync(path.join(root, folder), {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile() && /\.(tsx?|mts|js|css|html|sql|yaml|csv|md)$/.test(entry.name))
    .map(entry => path.join(entry.parentPath, entry.name))
    .map(file => [path.relative(root, file), readFileSync(file, 'utf8')]);
}

/** `file:line: what stands there`. Parts of a name count as words. */
function found(file: string, text: string, word: RegExp): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      word.test(line.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, ' '))
        ? [`${file}:${index + 1}: ${line.trim()}`]
        : [],
    );
}

/** Without the examples of commands, in as many lines. */
function toBeJudged(file: string, text: string): string {
  const judged = text.replaceAll(OTHERS, '');
  if (path.dirname(file) !== path.join('cli', 'commands')) return judged;
  return judged.replaceAll(EXAMPLES, block => '\n'.repeat(block.split('\n').length - 1));
}

describe('no word of basketball stands in', () => {
  for (const folder of ENGINE) {
    test(`${folder}/`, () => {
      const wrong = textsIn(folder).flatMap(([file, text]) =>
        WORDS.flatMap(word => found(file, toBeJudged(file, text), word)),
      );
      expect(wrong).toEqual([]);
    });
  }
});

test('every one of these words stands in the shipped pipeline', () => {
  const shipped = [
    ...textsIn('assets'),
    ['pipeline.yaml', readFileSync(path.join(root, 'pipeline.yaml'), 'utf8')] as const,
  ];
  const unused = WORDS.filter(word => !shipped.some(([, text]) => word.test(text)));
  expect(unused).toEqual([]);
});
