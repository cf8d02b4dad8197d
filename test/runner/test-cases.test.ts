/** Files of cases: every mistake is told with its place, and the cases that are right are kept. */
import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {readCases} from '../../runner/test-cases.ts';

describe('a file of cases', () => {
  const told = (text: string) => formatDiagnostics(readCases({path: 'a.test.yaml', text}).diagnostics);

  test('that is wrong is told with the place of each mistake', () => {
    const text = '- {name: a, partitions: []}\n- {name: b, partitions: [all], expects: []}\n';
    expect(told(text)).toBe(`a.test.yaml:1:3 error [missing-key] This item needs the key 'expect': add it.
  - {name: a, partitions: []}
    ~

a.test.yaml:1:25 error [bad-value] 'partitions' must not be empty.
  - {name: a, partitions: []}
                          ~~

a.test.yaml:2:3 error [missing-key] This item needs the key 'expect': add it.
  - {name: b, partitions: [all], expects: []}
    ~

a.test.yaml:2:32 error [unknown-key] Unknown key 'expects'. Did you mean 'expect'?
  - {name: b, partitions: [all], expects: []}
                                 ~~~~~~~
`);
  });

  test('that is no list, has no case or is no YAML is told', () => {
    for (const text of ['', '[]', 'name: a']) expect(told(text)).toContain('must be a list of cases');
    expect(told('- name: [a')).toContain('a.test.yaml:1:');
  });

  test('keeps the cases that are right', () => {
    const text = '- {name: a}\n- {name: b, partitions: [all], expect: []}\n';
    expect(readCases({path: 'a.test.yaml', text}).cases).toMatchObject([{name: 'b'}]);
  });

  test('is shown in docs/assets.md as it is read', () => {
    const page = readFileSync('docs/assets.md', 'utf8');
    const text = /## Tests[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(told(text)).toBe('');
  });
});
