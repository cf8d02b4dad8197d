/** Nearer, further and all of it, for what can be zoomed. It does not deal with zooming. */
import {ActionIcon, Group, Tooltip} from '@mantine/core';
import {IconArrowsMaximize, IconZoomIn, IconZoomOut} from '@tabler/icons-react';

export function ZoomButtons({
  size,
  onIn,
  onOut,
  onAll,
}: {
  readonly size: 'sm' | 'md';
  readonly onIn: () => void;
  readonly onOut: () => void;
  readonly onAll: () => void;
}) {
  const buttons = [
    {word: 'Zoom in', sign: IconZoomIn, onClick: onIn},
    {word: 'Zoom out', sign: IconZoomOut, onClick: onOut},
    {word: 'Show all', sign: IconArrowsMaximize, onClick: onAll},
  ];
  return (
    <Group gap={4}>
      {buttons.map(({word, sign: Sign, onClick}) => (
        <Tooltip key={word} label={word} withArrow>
          <ActionIcon variant="default" size={size} aria-label={word} onClick={onClick}>
            <Sign size={size === 'sm' ? 15 : 17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
    </Group>
  );
}
