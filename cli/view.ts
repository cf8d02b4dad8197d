/**
 * What printers need of the terminal.
 * It does not print.
 */
import {widthOf} from '../report/text.ts';
import {type Paint, paintFor} from './paint.ts';
import type {World} from './world.ts';

export function screenOf(world: World): {readonly width: number; readonly paint: Paint} {
  return {width: widthOf(world.columns()), paint: paintFor(world.isColored)};
}
