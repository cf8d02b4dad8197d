/**
 * Puts objects into a bucket and kills itself before its manifest is written: arguments are the server's address, and
 * how many objects are put.
 */
import {receiptOf, storeAt} from './gcs-kit.ts';

const [, , url = '', count = '1'] = process.argv;
const store = storeAt(url);
const draft = await store.draft('nba-com/games/2024-01-15/');
for (let i = 0; i < Number(count); i++) await draft.put(`${i}.json`, Buffer.from(`${i}`));
await draft.commit(receiptOf('2024-01-15'), async () => void process.kill(process.pid, 'SIGKILL'));
