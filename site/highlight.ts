/**
 * The text of a block with a few of its parts marked: what is typed, keys, comments, words of SQL.
 * It does not deal with languages beyond that.
 */
import {escaped} from './escaped.ts';

/** A mark's class, and what it is about; the first that matches at a place holds. */
const RULES: Readonly<Record<string, readonly (readonly [mark: string, pattern: string])[]>> = {
  yaml: [
    ['quiet', '(?:^|(?<=\\s))#.*'],
    ['text', "'[^'\\n]*'"],
    ['key', '(?<=^[\\s-]*|[{,]\\s*)[\\w.$*-]+(?=:(?:\\s|$))'],
  ],
  sql: [
    ['quiet', '--.*'],
    ['text', "'[^'\\n]*'"],
    [
      'key',
      '\\b(?:SELECT|FROM|JOIN|LEFT|ON|AND|OR|WHERE|GROUP BY|ORDER BY|AS|WITH|CASE|WHEN|THEN|ELSE|END|OVER|PARTITION BY|NOT|NULL|IN|IS|LIMIT|UNION ALL)\\b',
    ],
  ],
  ts: [
    ['quiet', '//.*'],
    ['text', "'[^'\\n]*'"],
    ['key', '\\b(?:import|export|const|async|await|return|for|of|from|type|function|if|throw|new)\\b'],
  ],
  json: [
    ['key', '"[^"\\n]*"(?=\\s*:)'],
    ['text', '"[^"\\n]*"'],
  ],
};

export function highlighted(kind: string, text: string): string {
  if (kind === 'console') return consoleHtml(text);
  const rules = RULES[kind];
  if (rules === undefined) return escaped(text);
  const all = new RegExp(rules.map(([, pattern]) => `(${pattern})`).join('|'), 'gm');
  let html = '';
  let at = 0;
  for (const match of text.matchAll(all)) {
    const mark = rules[match.slice(1).findIndex(part => part !== undefined)]?.[0] ?? '';
    html += `${escaped(text.slice(at, match.index))}<span class="${mark}">${escaped(match[0])}</span>`;
    at = match.index + match[0].length;
  }
  return html + escaped(text.slice(at));
}

function consoleHtml(text: string): string {
  return text
    .split('\n')
    .map(line =>
      /^[$>] /.test(line)
        ? `<span class="prompt">${escaped(line.slice(0, 2))}</span><span class="typed">${escaped(line.slice(2))}</span>`
        : escaped(line),
    )
    .join('\n');
}
