/**
 * docs/reference/errors.md: every code of a diagnostic with an example that was printed, and every kind of failure and
 * reason. It does not deal with how examples come about: tests print them.
 */
import {DIAGNOSTIC_CODES, type DiagnosticCode} from '../planner/diagnostic.ts';
import {DIAGNOSTIC_NOTES} from './diagnostic-notes.ts';
import {type FailureNote, LEDGER_NOTES, STORE_NOTES, WAREHOUSE_NOTES} from './failure-notes.ts';
import {REASON_NOTES, STATE_NOTES} from './reason-notes.ts';

/** `printed`: texts with diagnostics that tests have seen printed. */
export function errorsPage(printed: readonly string[]): string {
  const blocks = printed.flatMap(diagnosticsIn).sort((one, other) => one.length - other.length);
  const codes = DIAGNOSTIC_CODES.map(code => diagnosticSection(code, blocks));
  return `# Errors and reasons

Made by \`node scripts/write-schema.ts\` from the program's own lists; the examples are what tests have printed. How to find out what is wrong at all stands in [Troubleshooting](../troubleshooting.md).

## Mistakes in what is written

A mistake in the manifest, a query, a module, a selector or a plan file is told with file, line and column, the line itself, and its code in brackets. All of them are told at once, and nothing has been made. Codes are stable: scripts may look for them.

${codes.join('\n\n')}

## The ledger

${failures(LEDGER_NOTES)}

## The warehouse

${failures(WAREHOUSE_NOTES)}

## The store

${failures(STORE_NOTES)}

## States

${rows('state', STATE_NOTES)}

## Reasons

The word stands in \`--json\`; what is printed is a sentence that begins the same way.

${rows('reason', REASON_NOTES)}
`;
}

function diagnosticSection(code: DiagnosticCode, blocks: readonly string[]): string {
  const example = blocks.find(block => block.includes(`[${code}]`));
  if (example === undefined) throw new Error(`No test prints an example of [${code}].`);
  return `### ${code}\n\n${DIAGNOSTIC_NOTES[code]}\n\n\`\`\`text\n${example}\n\`\`\``;
}

/** Each with its line of the file, its squiggle, and what is related to it. */
function diagnosticsIn(text: string): readonly string[] {
  const place = String.raw`\S+:\d+:\d+ `;
  const lines = String.raw`.*(?:\n {2}.*)*`;
  const related = String.raw`(?:\n\n${place}(?!error|warning)${lines})*`;
  return text.match(new RegExp(`^${place}(?:error|warning) \\[${lines}${related}`, 'gm')) ?? [];
}

function failures(notes: Readonly<Record<string, FailureNote>>): string {
  const lines = Object.entries(notes).map(([kind, {means, mend}]) => `| \`${kind}\` | ${means} | ${mend} |`);
  return ['| kind | what it means | how to mend it |', '|---|---|---|', ...lines].join('\n');
}

function rows(what: string, notes: Readonly<Record<string, string>>): string {
  const lines = Object.entries(notes).map(([kind, note]) => `| \`${kind}\` | ${note} |`);
  return [`| ${what} | |`, '|---|---|', ...lines].join('\n');
}
