/**
 * Fills `${NAME}` and `${NAME:-default}` in values, and finds secrets that stand in the file itself.
 * It reads no environment: the variables are an argument.
 */

import {diagnose} from './diagnostic.ts';
import {isDate} from './duration.ts';
import {at, keyAt, type Path, readDate, report, type Scope} from './manifest-scope.ts';

export interface Variables {
  readonly values: Readonly<Record<string, string | undefined>>;
  /** The target that needs them, for the message. */
  readonly target: string;
  /** Names that were asked for, whether or not they are set. */
  readonly asked: Set<string>;
  /** Texts that variables were filled into, by what became of them. */
  readonly filled: Map<string, string>;
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;
/** A variable with no default, or with an empty one. */
const FILLED = /\$\{[A-Za-z_][A-Za-z0-9_]*(?::-)?\}/g;

const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** The text with its variables filled in; undefined, and said, where one is absent or misspelt. */
export function expand(scope: Scope, path: Path, text: string, variables: Variables): string | undefined {
  let complete = true;
  const value = text.replace(PLACEHOLDER, (whole, inside: string) => {
    const [, name = '', fallback] = VARIABLE.exec(inside) ?? [];
    if (name === '') {
      complete = false;
      refuseMisspelt(scope, path, whole);
      return '';
    }
    variables.asked.add(name);
    const found = variableIn(variables.values, name) ?? fallback;
    if (found !== undefined) return found;
    complete = false;
    report(
      scope,
      'missing-variable',
      path,
      `Target '${variables.target}' needs the environment variable '${name}', which is not set: set it, or give a default with \${${name}:-…}.`,
    );
    return '';
  });
  if (value !== text) variables.filled.set(value, text);
  return complete ? value : undefined;
}

/** As in a shell, `:-` also stands in for an empty value. */
function variableIn(values: Variables['values'], name: string): string | undefined {
  const found = Object.hasOwn(values, name) ? values[name] : undefined;
  return found === '' ? undefined : found;
}

/** Says where a variable is misspelt; an absent one is none of the manifest's mistakes. */
export function judgeVariables(scope: Scope, path: Path, text: string): void {
  for (const [whole, inside = ''] of text.matchAll(PLACEHOLDER)) {
    if (!VARIABLE.test(inside)) refuseMisspelt(scope, path, whole);
  }
}

function refuseMisspelt(scope: Scope, path: Path, whole: string): void {
  report(scope, 'bad-value', path, `'${whole}' names no variable: write \${NAME} or \${NAME:-default}.`);
}

/** Fills what is set into a text that `judgeVariables` saw; tells what was filled in, by name, and what is absent. */
export function fillVariables(
  text: string,
  values: Variables['values'],
  told: {readonly filled: Map<string, string>; readonly absent: Set<string>},
): string {
  return text.replace(PLACEHOLDER, (_, inside: string) => {
    const [, name = '', fallback] = VARIABLE.exec(inside) ?? [];
    const value = variableIn(values, name);
    if (value !== undefined) told.filled.set(name, value);
    else if (fallback === undefined) told.absent.add(name);
    return value ?? fallback ?? '';
  });
}

/** Fills a text that `expand` could fill, with the same variables. */
export function fillIn(text: string, values: Variables['values']): string {
  return fillVariables(text, values, {filled: new Map(), absent: new Set()});
}

/** An ISO date, with its variables filled in. What a variable holds is not printed. */
export function expandDate(scope: Scope, path: Path, text: string, variables: Variables): string | undefined {
  const filled = expand(scope, path, text, variables);
  if (filled === undefined || filled === text) return readDate(scope, path, filled);
  if (isDate(filled)) return filled;
  return report(scope, 'bad-date', path, `What '${text}' stands for is no date: write it as '2024-01-15'.`);
}

const SECRET_NAME =
  /^(proxy-)?authorization$|api[-_]?key|token|secret|passw|cookie|credential|^x-auth|^key$/i;
const SECRET_VALUE = /^(bearer|basic)\s+\S/i;
const SCHEMES = /\b(bearer|basic|token|key|apikey)\b/gi;

/** Says where a header's value is itself a secret in place of a variable. */
export function refuseSecretHeader(scope: Scope, path: Path, name: string, value: string): void {
  const literal = value.replace(FILLED, ' ');
  const rest = literal.replace(SCHEMES, ' ').trim();
  if (rest === '' || !(SECRET_NAME.test(name) || SECRET_VALUE.test(value.trim()))) return;
  refuseSecret(
    scope,
    path,
    `Header '${name}' is a secret written into the file: write \${NAME} and set that variable.`,
  );
}

export function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Says where a URL carries a password or a key. */
export function refuseSecretUrl(scope: Scope, path: Path, text: string): void {
  const literal = text.replace(FILLED, '');
  const hasPassword = /:\/\/[^/?#@]*:[^/?#@]+@/.test(literal);
  const hasKey = [...literal.matchAll(/[?&]([^=&#]+)=([^&#]+)/g)].some(([, name]) =>
    SECRET_NAME.test(name ?? ''),
  );
  if (hasPassword || hasKey) {
    refuseSecret(
      scope,
      path,
      `This URL holds a secret written into the file: write \${NAME} and set that variable.`,
    );
  }
}

/** Says where the key itself stands in place of the path of its file. */
export function refuseWrittenKey(scope: Scope, path: Path, text: string): void {
  if (!/^\s*\{(?!\})|private_key|-----BEGIN/.test(text)) return;
  refuseSecret(
    scope,
    path,
    'This is a key and no path: keep the key in a file outside of the repository, and write the path of that file.',
  );
}

/** Says that a secret stands in the file, and keeps it out of what is printed. */
export function refuseSecret(scope: Scope, path: Path, message: string): void {
  scope.diagnostics.push({
    ...diagnose('secret-in-manifest', keyAt(scope, path), message),
    hides: at(scope, path),
  });
}
