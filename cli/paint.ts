/**
 * Colours with the meaning that this command line gives them. Without colours every one is the text itself.
 * It does not deal with whether the terminal wants them (main.ts).
 */
import picocolors from 'picocolors';

export interface Paint {
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly name: (text: string) => string;
  readonly quiet: (text: string) => string;
}

export function paintFor(colored: boolean): Paint {
  const {green, yellow, red, bold, dim} = picocolors.createColors(colored);
  return {good: green, warn: yellow, bad: red, name: bold, quiet: dim};
}
