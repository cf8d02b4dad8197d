/**
 * `gameplan check`: judges published rows by the checks that are declared today. It writes nothing.
 */
import {chooseOrdinals} from '../../planner/asked.ts';
import {classify} from '../../planner/classify.ts';
import {jsonText, keyOrderOf} from '../../report/frame-view.ts';
import {headOf} from '../../report/head.ts';
import {readWholeSnapshot} from '../../report/project-ledger.ts';
import {type Command, EVERY_ASSET} from '../command.ts';
import {jsonFlag, nowFlag, projectFlags, rangeFlags, waitFlag} from '../flags.ts';
import {checkedJson, printChecked} from '../print-check.ts';
import {openProject} from '../project.ts';
import {requestOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT} from '../world.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'judge published rows by the checks of today; nothing is made again',
  arguments: [EVERY_ASSET],
  flags: [...projectFlags, ...rangeFlags, waitFlag, nowFlag, jsonFlag],
  examples: [
    'gameplan check',
    'gameplan check raw.player_boxscores --from 2023-10-24 --to 2024-06-30',
    'gameplan check group:raw --season 2023-24 --json',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation, {bind: true});
    const now = options.now ?? world.now();
    const request = requestOf(invocation, project.pipeline);
    const frame = classify({...project, ledger: readWholeSnapshot(project, world.now), now});
    const {checkHistory} = await import('../../runner/check-history.ts');
    const checked = await withWarehouse(project, {options}, warehouse =>
      checkHistory({frame, sources: project.sources, clock: world.now}, warehouse, asset =>
        chooseOrdinals(asset, request),
      ),
    );
    world.write(
      options.json === true
        ? jsonText(checkedJson(checked))
        : printChecked({head: headOf(frame), checked, keyOrder: keyOrderOf(frame), ...screenOf(world)}),
    );
    const isWrong = checked.some(({checks}) =>
      checks.some(({severity, failed}) => severity === 'error' && failed.length > 0),
    );
    return isWrong ? EXIT.wrong : EXIT.done;
  },
};
