/**
 * The order of the pages of the site, in groups. A page that no group names stands in the last one.
 * It does not deal with titles: a page's first heading is its title, and a shorter one for the navigation stands here.
 */

interface Group {
  readonly title: string;
  /** Paths below docs/, without `.md`, some with what the navigation calls them. */
  readonly pages: readonly (string | readonly [page: string, label: string])[];
}

const GROUPS: readonly Group[] = [
  {title: 'Begin', pages: [['index', 'Overview'], 'getting-started', 'concepts', 'comparison']},
  {title: 'Build', pages: ['assets', 'checks', 'intraday', 'selecting', 'editor', 'ci']},
  {title: 'Trust', pages: ['trust', 'troubleshooting']},
  {
    title: 'Run',
    pages: [
      'backfill',
      'page',
      'operations',
      'alerts',
      'metrics',
      'bigquery',
      'several-machines',
      'assistants',
    ],
  },
  {title: 'Reference', pages: ['reference/manifest', 'reference/commands', 'reference/errors']},
  {title: 'The shipped pipeline', pages: ['formulas', 'backtest']},
  {title: 'Project', pages: ['changelog', 'contributing']},
];

export interface Entry {
  readonly page: string;
  readonly label: string;
}

export interface NavigationGroup {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** Of the pages that there are; `titles` by path without `.md`. */
export function navigationOf(titles: ReadonlyMap<string, string>): readonly NavigationGroup[] {
  const groups = GROUPS.map(({title, pages}) => ({
    title,
    entries: pages.flatMap(each => {
      const [page, label] = typeof each === 'string' ? [each, undefined] : each;
      const own = titles.get(page);
      return own === undefined ? [] : [{page, label: label ?? own}];
    }),
  }));
  const named = new Set(groups.flatMap(({entries}) => entries.map(({page}) => page)));
  const rest = [...titles].filter(([page]) => !named.has(page)).map(([page, label]) => ({page, label}));
  return [...groups, {title: 'More', entries: rest}].filter(({entries}) => entries.length > 0);
}
