/**
 * An edge's window in the words of the manifest.
 * It does not deal with reading them (planner/window-text.ts).
 */
import type {Edge} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';

/** Empty for the same key: that goes without saying. */
export function windowWords(edge: Edge): string {
  const modifiers = [
    ...(edge.throughToday ? ['through today'] : []),
    ...(edge.crossesSeasons ? ['crosses seasons'] : []),
    ...(edge.required ? [] : ['not required']),
    ...(edge.atLeast === undefined ? [] : [`at least ${Math.round(edge.atLeast * 100)}%`]),
    ...(edge.tracks ? [] : ['not tracked']),
  ];
  return [windowName(edge), ...modifiers].filter(text => text !== '').join(', ');
}

function windowName({window}: Edge): string {
  switch (window.kind) {
    case 'same':
      return '';
    case 'season-of-date':
      return 'the season that holds the date';
    case 'dates-of-season':
      return 'the dates of the season';
    case 'whole':
      return 'its one partition';
    case 'days':
    case 'dates':
      return `${window.count} ${window.kind}`;
    case 'games':
      return `${window.count} games per ${window.teams === 'every' ? '' : 'playing '}team`;
    case 'season-to-date':
      return 'season to date';
    case 'previous':
    case 'all':
      return window.kind;
    default:
      return unreachable(window);
  }
}
