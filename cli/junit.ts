/**
 * What the assets' tests came to, as the JUnit XML that CI systems read: a suite an asset, a case a test.
 * It runs no test (asset-tests.ts).
 */
import {groupBy} from '../report/group.ts';
import type {Project} from '../report/project-ledger.ts';
import type {TestResult} from './asset-tests.ts';

export interface Tested {
  readonly project: {readonly pipeline: Pick<Project['pipeline'], 'name'>};
  readonly results: readonly TestResult[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** As Jenkins' schema for it has it (junit-10.xsd), which the others read as well. */
export function junitXml({project, results, startedAt}: Tested): string {
  const timestamp = new Date(startedAt).toISOString().slice(0, 19);
  const suites = [...groupBy(results, ({asset}) => asset)].map(([asset, own]) => {
    const head = attributes({name: asset, ...countsOf(own), timestamp, file: own[0]?.file ?? ''});
    return `  <testsuite${head}>\n${own.map(caseXml).join('')}  </testsuite>\n`;
  });
  const {skipped: _, ...counts} = countsOf(results);
  const head = attributes({name: `gameplan ${project.pipeline.name}`, ...counts});
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.join('')}</testsuites>\n`;
}

function countsOf(results: readonly TestResult[]) {
  return {
    tests: String(results.length),
    failures: String(results.filter(({differences}) => differences.length > 0).length),
    errors: '0',
    skipped: '0',
    time: seconds(results.reduce((sum, {durationMs}) => sum + durationMs, 0)),
  };
}

function caseXml({asset, test = 'batches', durationMs, differences}: TestResult): string {
  const head = attributes({name: test, classname: asset, time: seconds(durationMs)});
  const [first] = differences;
  if (first === undefined) return `    <testcase${head}/>\n`;
  const failure = attributes({message: first, type: 'difference'});
  return `    <testcase${head}>\n      <failure${failure}>${xml(differences.join('\n'))}</failure>\n    </testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(value).replaceAll('\n', '&#10;')}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader would take it for a line break.
  '\r': '&#13;',
};

/** What XML has no way to write, such as other control characters and half of a letter, is shown as one sign. */
function xml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const foreign = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
  return text
    .toWellFormed()
    .replaceAll(foreign, '\ufffd')
    .replaceAll(/[&<>"\r]/g, letter => ENTITIES[letter] ?? letter);
}
