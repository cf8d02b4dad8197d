// The sites that one league server stands for, each under a path of its own.
// Does not deal with what they answer.

/** The league's own API and content network lie at the root; the others under their prefix. */
const prefixes = {
  bdl: '/bdl',
  espn: '/espn',
  espn_web: '/espn-web',
  odds: '/odds',
  bettingpros: '/bettingpros',
  nba_static: '/nba-static',
} as const;

export type SiteName = 'nba' | 'nba_cdn' | keyof typeof prefixes;

export const siteNames: readonly SiteName[] = [
  'nba',
  'nba_cdn',
  'bdl',
  'espn',
  'espn_web',
  'odds',
  'bettingpros',
  'nba_static',
];

/** The site that a path is of, and the path within it. */
export function siteOfPath(path: string): {readonly site: SiteName; readonly within: string} {
  for (const site of siteNames) {
    if (site === 'nba' || site === 'nba_cdn') continue;
    const prefix = prefixes[site];
    if (path.startsWith(`${prefix}/`)) return {site, within: path.slice(prefix.length)};
  }
  return {site: path.startsWith('/static/') ? 'nba_cdn' : 'nba', within: path};
}
