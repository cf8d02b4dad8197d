/**
 * Whether events of OpenLineage are sent, and where to, as the variables of its own clients say it. Nothing is loaded
 * where they say nothing. https://openlineage.io/docs/client/python
 */
import path from 'node:path';
import type {LineageSender} from '../runner/lineage-sender.ts';
import type {Watcher} from './watch.ts';
import type {WatchedRun} from './watchers.ts';

const NAMESPACE = 'gameplan';

export function lineageOf({project, world}: WatchedRun): Promise<Watcher> | undefined {
  const {env, complain, version} = world;
  if (env['OPENLINEAGE_DISABLED']?.toLowerCase() === 'true') return undefined;
  const place = placeIn(env);
  if (place === undefined) return undefined;
  if ('mistake' in place) {
    complain(`warning: No lineage is sent: ${place.mistake}\n`);
    return undefined;
  }
  const namespace = env['OPENLINEAGE_NAMESPACE'] || NAMESPACE;
  const {root, pipeline} = project;
  return open({root, pipeline, namespace, version}, place, {complain, apiKey: env['OPENLINEAGE_API_KEY']});
}

type Place = {readonly url: string} | {readonly file: string} | {readonly mistake: string};

function placeIn(env: WatchedRun['world']['env']): Place | undefined {
  const kind = env['OPENLINEAGE__TRANSPORT__TYPE'] || undefined;
  const file = env['OPENLINEAGE__TRANSPORT__LOG_FILE_PATH'] || undefined;
  const base = env['OPENLINEAGE_URL'] || env['OPENLINEAGE__TRANSPORT__URL'] || undefined;
  if (kind === 'file')
    return file === undefined
      ? {mistake: 'OPENLINEAGE__TRANSPORT__TYPE is file; name it with OPENLINEAGE__TRANSPORT__LOG_FILE_PATH.'}
      : {file};
  if (kind !== undefined && kind !== 'http')
    return {mistake: `OPENLINEAGE__TRANSPORT__TYPE is '${kind}', and only http and file are known here.`};
  if (base === undefined) return kind === undefined ? undefined : {mistake: 'Set OPENLINEAGE_URL as well.'};
  const endpoint = env['OPENLINEAGE_ENDPOINT'] || 'api/v1/lineage';
  const url = URL.parse(endpoint, base.endsWith('/') ? base : `${base}/`);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return {mistake: `OPENLINEAGE_URL '${base}' is no URL of http or https.`};
  return {url: url.href};
}

async function open(
  options: ConstructorParameters<typeof import('../runner/lineage-event.ts').LineageReader>[0],
  place: Exclude<Place, {mistake: string}>,
  {complain, apiKey}: {readonly complain: (text: string) => void; readonly apiKey: string | undefined},
): Promise<Watcher> {
  const [{LineageReader}, {sendToFile, sendToServer}] = await Promise.all([
    import('../runner/lineage-event.ts'),
    import('../runner/lineage-sender.ts'),
  ]);
  const reader = new LineageReader(options);
  const sender: LineageSender =
    'file' in place
      ? sendToFile(path.resolve(options.root, place.file), complain)
      : sendToServer({url: place.url, apiKey}, complain);
  return {
    emit: event => {
      for (const each of reader.read(event)) sender.send(each);
    },
    end: () => sender.end(),
  };
}
