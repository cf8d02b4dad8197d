/**
 * Alerts while a server is at work: every minute the digest that is due and what waits for a receiver.
 * It does not look for what there is to tell unless something is to be told by then: runs and passes do (alerting.ts).
 */
import type {Project} from '../report/project-ledger.ts';
import type {World} from './world.ts';

const MINUTE_MS = 60_000;
/** For all receivers, well within the minute. Milliseconds. */
const BUDGET_MS = 30_000;

/** `load` reads the project as it is then; undefined while its manifest has mistakes. Returns how to stop. */
export function tellEveryMinute(
  world: Pick<World, 'env' | 'now' | 'complain'>,
  load: () => Promise<Project | undefined>,
): () => Promise<void> {
  let atWork: Promise<void> | undefined;
  let told = '';
  const tick = async (): Promise<void> => {
    try {
      const project = await load();
      if (project === undefined) return;
      const {alertTick} = await import('../report/alerts.ts');
      await alertTick(project, {env: world.env, now: world.now, budgetMs: BUDGET_MS});
      told = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // Once, and not every minute.
      if (text !== told) world.complain(`warning: Alerts could not be sent: ${text}\n`);
      told = text;
    }
  };
  const timer = setInterval(() => {
    atWork ??= tick().finally(() => {
      atWork = undefined;
    });
  }, MINUTE_MS);
  return async () => {
    clearInterval(timer);
    await atWork;
  };
}
