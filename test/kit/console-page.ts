/**
 * A page of documentation as what it tells a reader to type, what it says is printed, and stage directions for a test.
 * It does not deal with running anything.
 */

/** What stands in a comment `<!-- word: text -->` of its own line: for the test, not for the reader. */
export interface Direction {
  readonly word: string;
  readonly text: string;
  /** The block that follows it, where that is shown for a file and not typed. */
  readonly block: string;
}

export interface Command {
  /** Several lines where the page goes on behind `> `, as a shell prompts. */
  readonly line: string;
  /** What is played before it. */
  readonly before: readonly Direction[];
  /** As the page shows it, without the last line break; empty where nothing is printed. */
  readonly shown: string;
  /** Which lines of the page show it: from, and up to without. */
  readonly from: number;
  readonly to: number;
}

interface Section {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** What a page says once, of itself: the project of its commands, when they begin, and which test types them. */
type PageWord = 'project' | 'clock' | 'suite' | 'test';
const ofThePage: ReadonlySet<string> = new Set<PageWord>(['project', 'clock', 'suite', 'test']);

export function settingOf(page: string, word: PageWord): string | undefined {
  return new RegExp(`^<!-- ${word}: (.*) -->$`, 'm').exec(page)?.[1];
}

/** In the order of the page. Commands stand in blocks marked `console`, behind a dollar sign. */
export function sectionsOf(page: string): readonly Section[] {
  const lines = page.split('\n');
  const sections: {title: string; commands: Command[]}[] = [];
  let before: Direction[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const end = line.startsWith('```') ? endOfBlock(lines, at) : at;
    if (line === '```console') {
      for (const command of commandsOf(lines, at + 1, end)) {
        sections.at(-1)?.commands.push({...command, before});
        before = [];
      }
    } else if (end > at) {
      const last = before.at(-1);
      const block = `${lines.slice(at + 1, end).join('\n')}\n`;
      if (last?.block === '') before = [...before.slice(0, -1), {...last, block}];
    }
    const [, title] = /^##? (.*)$/.exec(line) ?? [];
    if (title !== undefined) sections.push({title, commands: []});
    const [, word, text] = /^<!-- (\w+): (.*) -->$/.exec(line) ?? [];
    if (word !== undefined && text !== undefined && !ofThePage.has(word))
      before = [...before, {word, text, block: ''}];
    at = end + 1;
  }
  return sections.filter(({commands}) => commands.length > 0);
}

/** Which line closes the block that is opened in another one. */
function endOfBlock(lines: readonly string[], opened: number): number {
  const end = lines.indexOf('```', opened + 1);
  if (end === -1) throw new Error(`Line ${opened + 1} opens a block that nothing closes.`);
  return end;
}

function commandsOf(lines: readonly string[], first: number, end: number): Omit<Command, 'before'>[] {
  const commands: Omit<Command, 'before'>[] = [];
  let at = first;
  while (at < end) {
    const typed = [(lines[at] ?? '').replace(/^\$ /, '')];
    at++;
    for (; at < end && lines[at]?.startsWith('> ') === true; at++) typed.push((lines[at] ?? '').slice(2));
    const from = at;
    while (at < end && lines[at]?.startsWith('$ ') !== true) at++;
    commands.push({line: typed.join('\n'), shown: lines.slice(from, at).join('\n'), from, to: at});
  }
  return commands;
}

/** The page with other text below some of its commands. */
export function withPrinted(page: string, printed: ReadonlyMap<Command, string>): string {
  const lines = page.split('\n');
  const fromLast = [...printed].toSorted(([one], [other]) => other.from - one.from);
  for (const [{from, to}, text] of fromLast)
    lines.splice(from, to - from, ...(text === '' ? [] : text.split('\n')));
  return lines.join('\n');
}

/** Lines that a run writes while it goes on: its progress, and each failure, which its end has again. */
const ON_THE_WAY = [
  /^\d[\d.]* (?:ms|s|min|h)\b.* · [\d,]+\/[\d,]+ · \d+%.*\n?/gm,
  /^(?:failed|quarantined) \S+@\S+: ?.*\n(?: {2}\S.*\n)*/gm,
];

export function withoutProgress(text: string): string {
  return ON_THE_WAY.reduce((said, lines) => said.replaceAll(lines, ''), text);
}

/** What differs between two runs that did the same, as the page tells its readers. */
const OF_THE_RUN: readonly (readonly [RegExp, string])[] = [
  // Tables are as wide, and lines end, as what is below needs it.
  [/\s+/g, ' '],
  [/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g, 'RUN'],
  [/\b[0-9a-f]{16}\b/g, 'HASH'],
  [/\b\d{8}T\d{6}Z\b/g, 'TIME'],
  [/\b127\.0\.0\.1:\d+/g, 'ADDRESS'],
  [/\b\d\d:\d\d(?= (?:ET|UTC|GMT\+0)\b)|T\d\d:\d\d:[\d.]+Z/g, 'TIME'],
  [/\b\d[\d,.]* (?:ms|s|min|h|d)\b(?: \d+ (?:s|min|h)\b)?/g, 'DURATION'],
  [/(?:About|Under) DURATION(?:, up to DURATION if inputs change,?)?/g, 'ESTIMATE'],
  [/\b\d[\d,.]* [KMG]iB\b/g, 'SIZE'],
  [/\bsha256:[0-9a-f]{64}\b/g, 'HASH'],
  [/\bnow \d{4}-\d\d-\d\d\b/g, 'now DATE'],
  [/\b\d{4}-\d\d-\d\d(?= TIME (?:UTC|GMT\+0)\b)/g, 'DATE'],
  // How many entries a ledger has depends on how much was written at once.
  [/\(entry \d+\)/g, '(entry N)'],
  [/-{3,}/g, '---'],
];

/** Two texts that are equal after this say the same. `folder`: where the project lies. */
export function likened(text: string, folder: string): string {
  return OF_THE_RUN.reduce(
    (said, [what, instead]) => said.replaceAll(what, instead),
    text.replaceAll(folder, 'PROJECT'),
  ).trim();
}
