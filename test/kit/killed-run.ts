/**
 * A run in a process of its own that kills itself at a chosen point, as a power cut would.
 * Arguments: the project's folder, the instant, the point, and how often the point is reached before.
 */
import {dyingAt} from './dying.ts';
import {openAt} from './project.ts';

const [, , root = '', now = '', point = '', skipped = '0'] = process.argv;

const project = openAt(root, Number(now));
const {counts} = await project.materialize({through: dyingAt(point, Number(skipped))});
process.stdout.write(`${JSON.stringify(counts)}\n`);
