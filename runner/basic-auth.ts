/**
 * A user and a password that stand in a URL, as a header of their own: `fetch` takes no URL that has them, and its error
 * would say them. It does not deal with where they come from.
 */

export interface PlainUrl {
  readonly url: URL;
  /** None where the URL named nobody. */
  readonly headers: Readonly<Record<string, string>>;
}

export function splitCredentials(whole: URL): PlainUrl {
  const {username, password} = whole;
  if (username === '' && password === '') return {url: whole, headers: {}};
  const url = new URL(whole);
  url.username = '';
  url.password = '';
  const pair = `${decodedPart(username)}:${decodedPart(password)}`;
  return {url, headers: {authorization: `Basic ${Buffer.from(pair).toString('base64')}`}};
}

/** For programs that decode what stands before the host: they fail at a percent sign that stands for nothing else. */
export function withPlainPercents(whole: URL): URL {
  const url = new URL(whole);
  url.username = encodeURIComponent(decodedPart(whole.username));
  url.password = encodeURIComponent(decodedPart(whole.password));
  return url;
}

/** As it was meant: a percent sign that stands for nothing else is one. */
export function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
