/**
 * A workshop that kills its own process at a chosen point, as a power cut would.
 */
import type {Workshop} from '../../runner/workshop.ts';

export type Point =
  | 'before-publish'
  | 'after-publish'
  | 'after-object'
  | 'after-put'
  | 'between-export-and-receipt'
  | 'never';

/** Calls through, and dies at `point` once that was reached `skipped` times before. */
export function dyingAt(point: string, skipped: number): (workshop: Workshop) => Workshop {
  let left = skipped;
  const dieAt = (here: Point): void => {
    if (point !== here || left-- > 0) return;
    process.kill(process.pid, 'SIGKILL');
  };
  return workshop => ({
    ...workshop,
    async warehouse() {
      const warehouse = await workshop.warehouse();
      return new Proxy(warehouse, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name !== 'publish') return typeof found === 'function' ? found.bind(target) : found;
          return async (request: Parameters<typeof target.publish>[0]) => {
            dieAt('before-publish');
            await target.publish(request);
            dieAt('after-publish');
          };
        },
      });
    },
    store() {
      const store = workshop.store();
      return {
        ...store,
        async draft(path) {
          const draft = await store.draft(path);
          return {
            id: draft.id,
            get objects() {
              return draft.objects;
            },
            async put(name, bytes) {
              await draft.put(name, bytes);
              dieAt('after-put');
            },
            refer: object => draft.refer(object),
            version: () => draft.version(),
            async commit(receipt) {
              const generation = await draft.commit(receipt);
              dieAt('after-object');
              return generation;
            },
            discard: () => draft.discard(),
          };
        },
        async replace(path, bytes) {
          await store.replace(path, bytes);
          dieAt('between-export-and-receipt');
        },
      };
    },
  });
}
