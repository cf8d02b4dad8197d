/**
 * What is thrown where nothing comes from the server, neither an answer nor code.
 * It does not deal with what the server says (api.ts).
 */
export class Unreachable extends Error {}

/** Code that is fetched when it is first needed: a browser's own words for what fails then say nothing of use. */
export async function arrived<T>(code: Promise<T>): Promise<T> {
  try {
    return await code;
  } catch (cause) {
    throw new Unreachable('The code of this page does not arrive. Is `gameplan serve` still running?', {
      cause,
    });
  }
}
