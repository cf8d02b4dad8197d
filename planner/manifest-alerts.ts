/**
 * Reads who is told of what goes wrong, and when. Variables are left as they are written: they are filled in when
 * something is sent, so that no secret gets into the pipeline and an absent one stops nothing.
 * It does not deal with what there is to tell (alert-look.ts).
 */
import {ALERT_KINDS, ALERT_SEVERITY} from './alert.ts';
import {cronTrouble} from './cron.ts';
import {judgeVariables, refuseSecret, refuseSecretHeader, refuseSecretUrl} from './manifest-env.ts';
import {keyAt, type Path, readDuration, report, type Scope} from './manifest-scope.ts';
import type {Alerts, Receiver} from './pipeline.ts';
import type {RawManifest} from './schema.ts';
import type {RawAlerts, RawReceivers} from './schema-alerts.ts';
import type {RawTarget} from './schema-target.ts';

/** Of a manifest that says nothing. */
const DIGEST = '0 9 * * *';
const SILENCE_MS = 26 * 3_600_000;
const AT_ONCE = ALERT_KINDS.filter(kind => ALERT_SEVERITY[kind] === 'critical');

/** What is said for the target, key by key in place of what is said for all. */
export function readAlerts(
  scope: Scope,
  manifest: RawManifest,
  {name, raw}: {readonly name: string; readonly raw: RawTarget},
): Alerts {
  for (const [base, said] of placesOf(manifest)) judge(scope, base, said);
  const own: Path = ['targets', name, 'alerts'];
  if (raw.alerts === 'off' || (raw.alerts === undefined && manifest.alerts === 'off'))
    return {...NONE, isOff: true};
  const general = manifest.alerts === 'off' ? {} : (manifest.alerts ?? {});
  const targets = raw.alerts ?? {};
  const said = {...general, ...targets};
  const place = (key: keyof RawAlerts): Path =>
    targets[key] === undefined ? ['alerts', key] : [...own, key];
  return {
    isOff: false,
    receivers: receiversOf(said),
    digest: said.digest === 'off' ? undefined : (said.digest ?? DIGEST),
    atOnce: said.at_once ?? AT_ONCE,
    silence: readSilence(scope, place('nothing_ran'), said.nothing_ran),
    page: said.page,
  };
}

function readSilence(scope: Scope, path: Path, text: string | undefined): number {
  return text === 'off' ? Number.MAX_SAFE_INTEGER : (readDuration(scope, path, text) ?? SILENCE_MS);
}

const NONE: Alerts = {
  isOff: false,
  receivers: [],
  digest: undefined,
  atOnce: [],
  silence: SILENCE_MS,
  page: undefined,
};

/** In every target: what is wrong there is wrong whether or not it is used. */
function placesOf({alerts, targets = {}}: RawManifest): readonly (readonly [Path, RawAlerts])[] {
  const all: readonly (readonly [Path, RawManifest['alerts']])[] = [
    [['alerts'], alerts],
    ...Object.entries(targets).map(([name, target]) => [['targets', name, 'alerts'], target.alerts] as const),
  ];
  return all.flatMap(([path, said]) => (said === undefined || said === 'off' ? [] : [[path, said] as const]));
}

function receiversOf({slack, email, webhook}: RawReceivers): readonly Receiver[] {
  const headers = Object.entries(webhook === 'off' ? {} : (webhook?.headers ?? {}));
  return [
    ...(slack === undefined || slack === 'off' ? [] : [{kind: 'slack', url: slack} as const]),
    ...(email === undefined || email === 'off'
      ? []
      : [{kind: 'email', smtp: email.smtp, from: email.from, to: [email.to].flat()} as const]),
    ...(webhook === undefined || webhook === 'off'
      ? []
      : [{kind: 'webhook', url: webhook.url, headers: Object.fromEntries(headers)} as const]),
  ];
}

function judge(scope: Scope, base: Path, {slack, email, webhook, digest, page}: RawAlerts): void {
  if (slack !== undefined && slack !== 'off') {
    const path = [...base, 'slack'];
    judgeUrl(scope, path, slack, HTTP);
    if (!slack.includes('${'))
      refuseSecret(
        scope,
        path,
        `The address of a Slack webhook is a secret written into the file: write \${NAME} and set that variable.`,
      );
  }
  if (email !== undefined && email !== 'off') {
    const path = [...base, 'email'];
    judgeUrl(scope, [...path, 'smtp'], email.smtp, SMTP);
    judgeAddress(scope, [...path, 'from'], email.from);
    if (typeof email.to === 'string') judgeAddress(scope, [...path, 'to'], email.to);
    else email.to.forEach((to, index) => void judgeAddress(scope, [...path, 'to', index], to));
  }
  if (webhook !== undefined && webhook !== 'off') {
    judgeUrl(scope, [...base, 'webhook', 'url'], webhook.url, HTTP);
    for (const [name, value] of Object.entries(webhook.headers ?? {})) {
      const path = [...base, 'webhook', 'headers', name];
      judgeVariables(scope, path, value);
      refuseSecretHeader(scope, path, name, value);
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
        report(scope, 'bad-name', keyAt(scope, path), `'${name}' cannot be the name of a header.`);
    }
  }
  if (page !== undefined) judgeUrl(scope, [...base, 'page'], page, HTTP);
  const trouble = digest === undefined || digest === 'off' ? undefined : cronTrouble(digest);
  if (trouble !== undefined) report(scope, 'bad-value', [...base, 'digest'], `'${digest}' ${trouble}.`);
}

const HTTP = {schemes: /^https?:$/, hint: "'https://example.com'"} as const;
const SMTP = {
  schemes: /^smtps?:$/,
  hint: "'smtp://mail.example.com:587' or 'smtps://mail.example.com'",
} as const;

/** One with variables is looked at when they are filled in. */
function judgeUrl(scope: Scope, path: Path, text: string, {schemes, hint}: typeof HTTP | typeof SMTP): void {
  judgeVariables(scope, path, text);
  refuseSecretUrl(scope, path, text);
  if (text.includes('${') || (URL.canParse(text) && schemes.test(new URL(text).protocol))) return;
  report(scope, 'bad-url', path, `This is no such address: write it as ${hint}.`);
}

function judgeAddress(scope: Scope, path: Path, text: string): void {
  judgeVariables(scope, path, text);
  if (text.includes('${') || ADDRESS.test(text)) return;
  report(
    scope,
    'bad-value',
    path,
    `'${text}' is no mail address: write it as 'ops@example.com' or 'Ops <ops@example.com>'.`,
  );
}

const ADDRESS = /^(?:[^<>@\r\n]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/;
