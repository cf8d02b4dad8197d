/** All that every warehouse must do, whatever the engine: BigQuery's server, DuckDB and a project of Google's run it. */
import {describe} from 'vitest';
import type {TestEngine} from '../kit/warehouses.ts';
import {auditCases} from './audit-cases.ts';
import {checkCases} from './check-cases.ts';
import {columnCases} from './column-cases.ts';
import {compareCases} from './compare-cases.ts';
import {failureCases} from './failure-cases.ts';
import {generalCases} from './general-cases.ts';
import {publishCases} from './publish-cases.ts';
import {queryCases} from './query-cases.ts';
import {reshapeCases} from './reshape-cases.ts';

export function warehouseCases(engine: TestEngine): void {
  generalCases(engine);
  describe('publications', () => publishCases(engine));
  failureCases(engine);
  describe('values', () => columnCases(engine));
  describe('declared anew', () => reshapeCases(engine));
  describe('queries', () => queryCases(engine));
  describe('audits', () => auditCases(engine));
  describe('checks', () => checkCases(engine));
  describe('comparisons', () => compareCases(engine));
}
