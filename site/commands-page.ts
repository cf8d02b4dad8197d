/**
 * docs/reference/commands.md: the command line from the commands' own data.
 * It does not deal with parsing it.
 */
import type {Command} from '../cli/command.ts';

export function commandsPage(commands: readonly Command[]): string {
  return `# Commands

Made by \`node scripts/write-schema.ts\` from the commands themselves; \`gameplan COMMAND --help\` says the same. Which assets are meant is told in [Selecting](../selecting.md).

| command | does |
|---|---|
${commands.map(({name, summary}) => `| [\`${name}\`](#gameplan-${name}) | ${cell(summary)} |`).join('\n')}

## Exit codes

| code | means |
|---|---|
| 0 | done, or nothing to do |
| 1 | the pipeline or the data is wrong, a partition failed, a requested one still waits, or the calendar that it needs is not known |
| 2 | only with \`--detailed-exitcode\`: there is work |
| 64 | the command was wrong |
| 130 | interrupted |

${commands.flatMap(command => sections(command, 'gameplan', 2)).join('\n\n')}
`;
}

function sections(command: Command, parent: string, depth: number): readonly string[] {
  const name = `${parent} ${command.name}`;
  const {summary, examples, flags} = command;
  const taken = command.arguments.map(([argument]) => ` ${argument}`).join('');
  const parts = [
    `${'#'.repeat(depth)} ${name}`,
    sentence(summary),
    `\`${name}${taken}${flags.length > 0 ? ' [options]' : ''}\``,
    table('argument', command.arguments),
    table(
      'option',
      flags.map(flag => [flag.flags, flag.description]),
    ),
    examples.length > 0 ? `Examples:\n\n${examples.map(example => `- \`${example}\``).join('\n')}` : '',
  ];
  const own = parts.filter(part => part !== '').join('\n\n');
  return [own, ...(command.subcommands ?? []).flatMap(each => sections(each, name, depth + 1))];
}

function table(head: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return '';
  return [
    `| ${head} | |`,
    '|---|---|',
    ...rows.map(([name, text]) => `| \`${cell(name)}\` | ${cell(text)} |`),
  ].join('\n');
}

/** A bar would end the cell, and `<` begin a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/<(?!\/?a\b)(?![^`]*`)/g, '&lt;');
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
