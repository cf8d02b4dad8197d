/** What a partition was made from is told by the time at which it was read, also of inputs that its own run made. */
import {expect, test} from 'vitest';
import {at, listed, manifest, Project, rowsFrom} from '../kit/project.ts';

const DAY = '2024-01-01';
const columns = {game_date: 'date', points: 'int64'};
const key = ['game_date'];
const give = (project: Project, name: string, points: number): void =>
  project.data(name, {[DAY]: [{game_date: DAY, points}]});

test('of two inputs that the same run made, only the one that changed since is named', async () => {
  const raw = (name: string) => ({rows: `assets/${name}.ts`, columns, key});
  const project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: listed({'2023-24': [DAY]}),
        assets: {
          'raw.a': raw('a'),
          'raw.b': raw('b'),
          'mart.sum': {sql: 'assets/sum.sql', upstream: {a: 'raw.a', b: 'raw.b'}, columns, key},
        },
      }),
      'assets/a.ts': rowsFrom('a'),
      'assets/b.ts': rowsFrom('b'),
      'assets/sum.sql': 'SELECT game_date, a.points + b.points AS points FROM a JOIN b USING (game_date)',
    },
    at('2024-03-01T12:00:00Z'),
  );
  try {
    for (const name of ['a', 'b']) give(project, name, 1);
    await project.materialize();
    give(project, 'b', 2);
    await project.materialize({select: 'raw.b', force: true});
    const {partitions} = await project.plan();
    expect(partitions.map(({asset, reasons}) => [asset, reasons])).toEqual([
      ['mart.sum', [{kind: 'upstream-changed', upstream: [`raw.b@${DAY}`], count: 1}]],
    ]);
  } finally {
    project.remove();
  }
});
