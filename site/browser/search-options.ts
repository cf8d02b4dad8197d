/** What the search looks at, for who builds its index and who asks it. */
export const SEARCH_OPTIONS = {
  fields: ['title', 'page', 'text'],
  storeFields: ['title', 'page', 'excerpt'],
  searchOptions: {boost: {title: 4, page: 2}, prefix: true, fuzzy: 0.15, combineWith: 'AND' as const},
};
