import {describe} from 'vitest';
import {inFile, inMemory} from '../kit/warehouses.ts';
import {generalCases} from './general-cases.ts';
import {warehouseCases} from './warehouse-cases.ts';

describe(inFile.name, () => warehouseCases(inFile));
describe(inMemory.name, () => generalCases(inMemory));
