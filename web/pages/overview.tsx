/** How the pipeline is. */
import {Stack} from '@mantine/core';
import {useLive} from '../live.tsx';
import {Strip} from '../parts/strip.tsx';

export function OverviewPage() {
  const {pipeline, axes} = useLive();
  return (
    <Stack>
      {pipeline.assets.map(({asset, axis}) => {
        const own = axes.get(axis);
        return own === undefined ? null : <Strip key={asset} asset={asset} axis={own} height={20} />;
      })}
    </Stack>
  );
}
