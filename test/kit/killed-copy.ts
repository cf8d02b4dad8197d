/**
 * A copy in a process of its own that kills itself at a chosen point, as a power cut would.
 * Arguments: the project's folder, the instant, the target to copy into, the point, and how often it is reached before.
 */
import {copyInto} from './copying.ts';
import {dyingAt} from './dying.ts';
import {openAt} from './project.ts';

const [, , root = '', now = '', to = '', point = '', skipped = '0'] = process.argv;

const source = openAt(root, Number(now));
const destination = openAt(root, Number(now));
destination.target = to;
const {counts} = await copyInto(destination, source, {through: dyingAt(point, Number(skipped))});
process.stdout.write(`${JSON.stringify(counts)}\n`);
