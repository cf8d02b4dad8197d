/** For benchmarks that bundle a part of the page. */
import type {BuildOptions} from 'esbuild';

export function pageOptions(root: string, outdir: string, isForWork?: boolean): BuildOptions;
