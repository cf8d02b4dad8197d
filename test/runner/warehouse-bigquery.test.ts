import {describe} from 'vitest';
import {onBigquery} from '../kit/warehouses.ts';
import {warehouseCases} from './warehouse-cases.ts';

const engine = onBigquery();
describe(engine.name, () => warehouseCases(engine));
