import {describe, expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {parseManifest} from '../../planner/manifest.ts';

const REST = `
targets: {local: {}, prod: {alerts: {slack: off, webhook: {url: 'https://hooks.example.com'}, digest: '0 7 * * *'}}, quiet: {alerts: off}}
calendars: {days: {dates: [{date: 2024-01-15, season: 2023-24}]}}
assets: {raw.a: {sql: a.sql, columns: {game_date: date}, key: [game_date]}}
`;

function read(alerts: string, target?: string) {
  const text = `name: toy\nalerts: ${alerts}${REST}`;
  return parseManifest({file: {path: 'pipeline.yaml', text}, target, env: {}});
}
const alertsOf = (alerts: string, target?: string) => {
  const {pipeline, diagnostics} = read(alerts, target);
  expect(diagnostics).toEqual([]);
  return pipeline?.alerts;
};
const ALL = `{slack: '\${SLACK}', email: {smtp: '\${SMTP}', from: a@b.example, to: c@d.example}}`;

describe('what is declared', () => {
  test('variables stay as they are written, and need not be set', () => {
    expect(alertsOf(ALL)).toEqual({
      isOff: false,
      receivers: [
        {kind: 'slack', url: '${'.concat('SLACK}')},
        {kind: 'email', smtp: '${'.concat('SMTP}'), from: 'a@b.example', to: ['c@d.example']},
      ],
      digest: '0 9 * * *',
      atOnce: ['run-failed', 'source-down', 'nothing-ran'],
      silence: 26 * 3_600_000,
      page: undefined,
    });
  });

  test('a target says its own in place of what is said for all, key by key, or switches it off', () => {
    const prod = alertsOf(ALL, 'prod');
    expect([prod?.receivers.map(({kind}) => kind), prod?.digest]).toEqual([
      ['email', 'webhook'],
      '0 7 * * *',
    ]);
    expect(alertsOf(ALL, 'quiet')).toMatchObject({isOff: true, receivers: []});
    expect(alertsOf('off', 'prod')).toMatchObject({isOff: false, receivers: [{kind: 'webhook'}]});
    expect(alertsOf('{digest: off, at_once: [gap-opened], nothing_ran: off}')).toMatchObject({
      digest: undefined,
      atOnce: ['gap-opened'],
      silence: Number.MAX_SAFE_INTEGER,
    });
  });
});

describe('what is wrong is told with its place, its cause and its mend, and no secret', () => {
  const wrong = (alerts: string) => formatDiagnostics(read(alerts).diagnostics);
  const V = '${'.concat('NAME}');
  for (const [alerts, message] of [
    [
      "{slack: 'https://hooks.slack.com/services/T0/B0/abcdef'}",
      'The address of a Slack webhook is a secret written into the file',
    ],
    [`{slack: '\${}'}`, 'names no variable'],
    [`{slack: 'ftp://${V}x'}`.replace(V, ''), 'This is no such address'],
    [
      "{email: {smtp: 'smtps://bot:abcdef@mail.example.com', from: a@b.c, to: a@b.c}}",
      'This URL holds a secret written into the file',
    ],
    [
      "{email: {smtp: 'mail.example.com', from: a@b.c, to: a@b.c}}",
      "write it as 'smtp://mail.example.com:587'",
    ],
    ["{email: {smtp: 'smtp://mail.example.com', from: ops, to: a@b.c}}", "'ops' is no mail address"],
    [
      "{email: {smtp: 'smtp://mail.example.com', from: a@b.c, to: [a@b.c, 'b c']}}",
      "'b c' is no mail address",
    ],
    ["{email: {smtp: 'smtp://mail.example.com', from: a@b.c}}", "'email' needs the key 'to'"],
    ["{webhook: {url: 'https://example.com?token=abcdef'}}", 'This URL holds a secret written into the file'],
    [
      "{webhook: {url: 'https://example.com', headers: {authorization: Bearer abcdef}}}",
      "Header 'authorization' is a secret",
    ],
    ["{digest: '0 9 * *'}", "'0 9 * *' is no schedule: write minute, hour"],
    ['{at_once: [run-faild]}', 'run-failed'],
    ['{nothing_ran: often}', "'often' is no duration"],
    ['{slak: x}', "Did you mean 'slack'?"],
    ['on', 'alerts'],
  ] as const) {
    test(alerts, () => {
      const text = wrong(alerts);
      expect(text).toContain(message);
      expect(text).toMatch(/^pipeline\.yaml:2:\d+ error/);
      expect(text).not.toContain('abcdef');
    });
  }
});
