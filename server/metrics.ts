/**
 * `/metrics`: what Prometheus scrapes. What the states say is worked out once a view; what the ledger counts goes on
 * from the scrape before.
 * It does not deal with what is told (report/metrics.ts).
 */
import type {Context} from 'hono';
import {allSamples, stateSamples} from '../report/metrics.ts';
import {CONTENT_TYPE, metricsText} from '../report/metrics-text.ts';
import {readMeasured} from '../report/project-ledger.ts';
import type {Measured} from '../runner/ledger-reader.ts';
import {ofView, type Served} from './serving.ts';

export function metricsAnswer(
  {reader, clock}: Served,
  version: string,
): (context: Context) => Promise<Response> {
  const statesOf = ofView(({planned}) => stateSamples(planned));
  let before: Measured | undefined;
  return async context => {
    const view = await reader.view();
    const {project, mistakes, planned} = view;
    before = readMeasured(project, clock, before);
    const {pipeline, target} = planned.plan;
    const about = {pipeline, target, version, mistakes: mistakes.length};
    return context.body(metricsText(allSamples(statesOf(view), before, about)), 200, {
      'content-type': CONTENT_TYPE,
    });
  };
}
