/**
 * Copies between two targets of one project, as `gameplan copy` does.
 */
import {classify} from '../../planner/classify.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {openSource} from '../../runner/copy.ts';
import type {Asked, Done, Project} from './project.ts';

export async function copyInto(
  destination: Project,
  source: Project,
  about: Pick<Asked, 'through' | 'force' | 'onEvent'> & {readonly stale?: boolean} = {},
): Promise<Done> {
  const {now, root} = source;
  const opened = await source.open();
  const {pipeline, sources} = opened;
  const frame = classify({pipeline, sources, ledger: opened.ledger.snapshot(), now});
  const request = {...WHOLE_REQUEST, force: about.force === true};
  const from = pipeline.target.name;
  const order = {from, source: frame, request, isStaleMeant: about.stale === true};
  const read = openSource({root, pipeline, sources, clock: () => now, waitMs: 0}, frame);
  try {
    return await destination.materialize({...about, carried: {order, carrier: read.carrier}});
  } finally {
    await read.close();
    await opened.close();
  }
}
