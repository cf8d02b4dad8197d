/**
 * dbt and Dataform: they know tables and no partitions, so that loading is all there is to compare.
 */
import {cpSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Peer} from './peer.ts';
import {queryOf} from './query.ts';

const NO_PARTITIONS = 'knows no partitions';

/** 1.12 fetches a part of itself from outside the package registry while it is installed. */
export const dbt: Peer = {
  name: 'dbt',
  packages: ['dbt-core==1.11.16', 'dbt-duckdb==1.10.1'],
  kind: 'pip',
  caches: ['target'],
  write: (graph, folder) => {
    mkdirSync(join(folder, 'models'), {recursive: true});
    writeFileSync(
      join(folder, 'dbt_project.yml'),
      'name: bench\nprofile: bench\nflags: {send_anonymous_usage_stats: false}\n',
    );
    writeFileSync(
      join(folder, 'profiles.yml'),
      'bench: {target: local, outputs: {local: {type: duckdb, path: warehouse.duckdb}}}\n',
    );
    const days = "(SELECT DATE '2025-06-30' AS game_date)";
    for (const asset of graph.assets) {
      const query = queryOf(asset, {days, tableOf: name => `{{ ref('${name}') }}`});
      writeFileSync(
        join(folder, 'models', `${asset.name}.sql`),
        `{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='game_date') }}\n${query}`,
      );
    }
  },
  fill: () => undefined,
  ask: (question, tools) =>
    question === 'load' || question === 'load again'
      ? {
          file: join(tools, 'bin', 'dbt'),
          args: ['--quiet', 'parse', '--project-dir', '.', '--profiles-dir', '.'],
        }
      : NO_PARTITIONS,
};

export const dataform: Peer = {
  name: 'Dataform',
  packages: ['@dataform/cli@3.0.69', '@dataform/core@3.0.62'],
  kind: 'npm',
  caches: [],
  write: (graph, folder, tools) => {
    mkdirSync(join(folder, 'definitions'), {recursive: true});
    writeFileSync(
      join(folder, 'workflow_settings.yaml'),
      'defaultProject: bench\ndefaultLocation: US\ndefaultDataset: bench\n',
    );
    writeFileSync(join(folder, 'package.json'), '{"dependencies": {"@dataform/core": "3.0.62"}}\n');
    // Its sandbox does not follow a link out of the project.
    const core = join('node_modules', '@dataform', 'core');
    cpSync(join(tools, core), join(folder, core), {recursive: true});
    for (const asset of graph.assets) {
      const query = queryOf(asset, {
        days: "(SELECT DATE '2025-06-30' AS game_date)",
        tableOf: name => `\${ref("${name}")}`,
      });
      writeFileSync(
        join(folder, 'definitions', `${asset.name}.sqlx`),
        `config { type: "incremental", name: "${asset.name}", uniqueKey: ["game_date"] }\n${query}`,
      );
    }
  },
  fill: () => undefined,
  ask: (question, tools) => {
    if (question === 'load again') return 'keeps nothing of a load';
    if (question !== 'load') return NO_PARTITIONS;
    return {file: join(tools, 'node_modules', '.bin', 'dataform'), args: ['compile', '.', '--quiet']};
  },
};
