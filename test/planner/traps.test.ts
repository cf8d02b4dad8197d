/**
 * What went wrong elsewhere, and must not here: a folder a case under test/cases/traps, with the story and all that is
 * printed on its way, compared whole. `UPDATE_CASES=1` writes what is printed now.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'vitest';
import {expectGolden} from '../cli/golden.ts';
import {tellStory} from '../kit/story.ts';

const root = join(import.meta.dirname, '..', 'cases', 'traps');

test.for(readdirSync(root).sort())('%s', name => {
  const story = readFileSync(join(root, name, 'story.yaml'), 'utf8');
  expectGolden(`traps/${name}/expected.txt`, tellStory(story));
});
