// Where on the floor a shot of a zone is taken from, in the coordinates the league prints.
// Does not deal with the chance of making it.
import type {Zone} from './happening.ts';
import type {Random} from './random.ts';

export interface ShotPlace {
  /** Feet from the basket, to two digits. */
  readonly distance: number;
  /** Tenths of feet from the basket: across the floor, and out from the baseline's end. */
  readonly xLegacy: number;
  readonly yLegacy: number;
  /** Percent of the floor's length and width. */
  readonly x: number;
  readonly y: number;
  readonly area: string;
  readonly areaDetail: string;
  readonly side: 'left' | 'right';
}

/** `side`: the end of the floor the team plays to. */
export function placeShot(random: Random, zone: Zone, side: 'left' | 'right'): ShotPlace {
  const [feet, angle] = spot(random, zone);
  const xLegacy = Math.round(10 * feet * Math.cos(angle));
  const yLegacy = Math.round(10 * feet * Math.sin(angle));
  const distance = Math.round(10 * Math.hypot(xLegacy, yLegacy)) / 100;
  // The basket hangs 5.25 feet in on a floor of 94 by 50 feet.
  const along = (100 * (5.25 + yLegacy / 10)) / 94;
  const across = 50 + (100 * (xLegacy / 10)) / 50;
  return {
    distance,
    xLegacy,
    yLegacy,
    x: hundredths(side === 'left' ? along : 100 - along),
    y: hundredths(side === 'left' ? across : 100 - across),
    ...areaOf(zone, distance, xLegacy, yLegacy),
    side,
  };
}

function hundredths(value: number): number {
  return Math.round(100 * value) / 100;
}

/** Feet from the basket and angle from the baseline. */
function spot(random: Random, zone: Zone): [number, number] {
  const angle = Math.PI * random();
  switch (zone) {
    case 'rim':
      return [0.3 + 3.4 * random(), angle];
    case 'short':
      return [4.3 + 3.6 * random(), angle];
    case 'middle':
      return [8.5 + 12 * random(), angle];
    case 'three':
      return random() < 0.22 ? corner(random) : [24 + 4 * random() ** 2, Math.PI * (0.17 + 0.66 * random())];
    default:
      return unreachable(zone);
  }
}

/** The corner line runs 22 feet from the middle, up to 14 feet from the baseline. */
function corner(random: Random): [number, number] {
  const out = 22.3 + 1 * random();
  const up = -3 + 10 * random();
  const angle = Math.atan2(up, random() < 0.5 ? out : -out);
  return [Math.hypot(out, up), angle];
}

function areaOf(
  zone: Zone,
  distance: number,
  xLegacy: number,
  yLegacy: number,
): {area: string; areaDetail: string} {
  const hand = xLegacy < -80 ? 'Left' : xLegacy > 80 ? 'Right' : 'Center';
  switch (zone) {
    case 'rim':
      return {area: 'Restricted Area', areaDetail: '0-8 Center'};
    case 'short':
      return {area: 'In The Paint (Non-RA)', areaDetail: `0-8 ${hand}`};
    case 'middle':
      return {area: 'Mid-Range', areaDetail: `${distance < 16 ? '8-16' : '16-24'} ${hand}`};
    case 'three':
      return Math.abs(xLegacy) >= 220 && yLegacy <= 89
        ? {area: xLegacy < 0 ? 'Left Corner 3' : 'Right Corner 3', areaDetail: `24+ ${hand}`}
        : {area: 'Above the Break 3', areaDetail: `24+ ${hand}`};
    default:
      return unreachable(zone);
  }
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${String(value)}.`);
}
