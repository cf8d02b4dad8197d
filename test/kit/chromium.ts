/** The browser of the system, for tests that need a real one. It does not deal with pages. */
import {existsSync} from 'node:fs';
import {type Browser, chromium} from 'playwright-core';

/** `CHROMIUM` names another one than Debian's. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);

export function startChromium(): Promise<Browser> {
  // Its sandbox does not start for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({executablePath: CHROMIUM, args});
}
