/**
 * `gameplan gaps report`: the coverage tracker, for a page, a sheet or a program. Reads the ledger alone.
 */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {classify} from '../../planner/classify.ts';
import {coverageLines} from '../../planner/coverage-report.ts';
import {type ReportView, reportMarkdown} from '../../report/coverage-markdown.ts';
import {headOf} from '../../report/head.ts';
import {withSnapshot} from '../../report/project-ledger.ts';
import {type Command, EVERY_ASSET, type Options} from '../command.ts';
import {nowFlag, oneOf, projectFlags, rangeFlags} from '../flags.ts';
import {reportCsv, reportJson} from '../print-report.ts';
import {openProject} from '../project.ts';
import {requestOf} from '../request.ts';
import {EXIT, Refusal} from '../world.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'the coverage tracker: what every table should hold by season, and what it does',
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    ...rangeFlags,
    {
      flags: '--format <format>',
      description: 'markdown (default), csv or json',
      ...oneOf('markdown', 'csv', 'json'),
    },
    {flags: '--out <file>', description: 'write it to a file'},
    nowFlag,
  ],
  examples: [
    'gameplan gaps report --out COVERAGE.md',
    'gameplan gaps report group:raw --season 2023-24 --format csv',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const now = options.now ?? world.now();
    const request = requestOf(invocation, project.pipeline);
    const text = withSnapshot(project, ledger => {
      const frame = classify({...project, ledger, now});
      return print(options, {head: headOf(frame), now, lines: coverageLines(frame, request)});
    });
    if (options.out === undefined) world.write(text);
    else {
      write(path.resolve(world.cwd, options.out), options.out, text);
      world.complain(`Written to ${options.out}.\n`);
    }
    return EXIT.done;
  },
};

function print({format}: Options, view: ReportView): string {
  if (format === 'csv') return reportCsv(view);
  return format === 'json' ? reportJson(view) : reportMarkdown(view);
}

function write(file: string, shown: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(`error: '${shown}' cannot be written: ${why}.\n`);
  }
}
