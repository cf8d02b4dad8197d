/**
 * An alert as a mail: plain text, and the same as HTML that mail programs show without loading anything.
 * It does not send it (alert-send.ts).
 */
import type {AlertMessage, AlertTopic} from '../planner/alert-message.ts';
import {
  footOf,
  lineText,
  linkTo,
  moreLines,
  moreRunsText,
  moreTopics,
  runText,
  subjectOf,
  topicHead,
} from './alert-words.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function mailOf(message: AlertMessage, page: string | undefined): Mail {
  return {
    subject: line(`[gameplan] ${subjectOf(message)}: ${message.title}`).slice(0, 200),
    text: plainText(message, page),
    html: htmlText(message, page),
    // The same at every delivery: a mail program shows one that came twice once.
    messageId: `<${message.id}@gameplan>`,
    headers: {'Auto-Submitted': 'auto-generated', 'X-Gameplan-Alert': message.id},
  };
}

function plainText(message: AlertMessage, page: string | undefined): string {
  const blocks = [
    [`${subjectOf(message)}: ${message.title}`],
    ...message.topics.map(topic => {
      const more = moreLines(topic);
      return [
        `${topic.severity.toUpperCase()}  ${topicHead(topic)}`,
        ...topic.lines.map(each => `  ${lineText(each)}`),
        ...(more === undefined ? [] : [`  ${more}`]),
      ];
    }),
    [moreTopics(message) ?? ''],
    [...message.runs.map(run => `Run ${run.id}: ${runText(run)}`), ...moreRunsText(message)],
    [page === undefined ? '' : linkTo(page, 'alerts')],
    [footOf(message)],
  ];
  return blocks
    .map(lines => lines.filter(each => each !== '').map(line))
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n');
}

/** What others wrote begins no line of its own. */
function line(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}

const COLOUR = {critical: '#c2331f', warning: '#a66d00', info: '#2f7d4f'} as const;
const QUIET = 'color:#5c6370';

/** Styles stand in the elements: most mail programs leave others out. */
function htmlText(message: AlertMessage, page: string | undefined): string {
  const {title, topics, severity} = message;
  const more = moreTopics(message);
  const parts = [
    `<p style="margin:0;font-size:13px;${QUIET}">${escapeHtml(subjectOf(message))}</p>`,
    `<h1 style="margin:4px 0 0;font-size:20px;line-height:1.3;font-weight:650">${escapeHtml(title)}</h1>`,
    ...topics.map(topicHtml),
    ...(more === undefined ? [] : [`<p style="margin:16px 0 0;${QUIET}">${escapeHtml(more)}</p>`]),
    ...(message.runs.length === 0 ? [] : [runsHtml(message, page)]),
    ...(page === undefined ? [] : [buttonHtml(linkTo(page, 'alerts'))]),
    `<p style="margin:20px 0 0;padding-top:12px;border-top:1px solid #e2e4e8;font-size:12px;${QUIET}">${escapeHtml(footOf(message))}</p>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f5f7;color:#1d2127;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:680px;margin:0 auto;padding:22px 24px;background:#ffffff;border:1px solid #e2e4e8;border-top:4px solid ${COLOUR[severity]};border-radius:8px">
${parts.join('\n')}
</div></body></html>
`;
}

function topicHtml(topic: AlertTopic): string {
  const more = moreLines(topic);
  const lines = [
    ...topic.lines.map(lineHtml),
    ...(more === undefined
      ? []
      : [`<li style="margin:2px 0;list-style:none;${QUIET}">${escapeHtml(more)}</li>`]),
  ];
  return `<div style="margin:18px 0 0;padding-left:12px;border-left:3px solid ${COLOUR[topic.severity]}">
<p style="margin:0;font-weight:600;overflow-wrap:anywhere">${escapeHtml(topicHead(topic))}</p>
<ul style="margin:4px 0 0;padding-left:0">${lines.join('')}</ul></div>`;
}

function lineHtml(each: AlertTopic['lines'][number]): string {
  const [about, rest] = [each.about, lineText(each).slice(each.about.length)];
  return `<li style="margin:2px 0;list-style:none;font-size:14px"><span style="font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px">${escapeHtml(about)}</span>${escapeHtml(rest)}</li>`;
}

function runsHtml(message: AlertMessage, page: string | undefined): string {
  const lines = message.runs.map(run => {
    const id = escapeHtml(run.id);
    const name =
      page === undefined
        ? id
        : `<a style="color:#2456a6" href="${escapeHtml(linkTo(page, 'runs', run.id))}">${id}</a>`;
    return `Run ${name}: ${escapeHtml(runText(run))}`;
  });
  const all = [...lines, ...moreRunsText(message)];
  return `<p style="margin:18px 0 0;font-size:14px">${all.join('<br>')}</p>`;
}

function buttonHtml(href: string): string {
  return `<p style="margin:20px 0 0"><a href="${escapeHtml(href)}" style="display:inline-block;padding:8px 14px;background:#2456a6;border-radius:6px;color:#ffffff;text-decoration:none;font-size:14px;font-weight:600">Open the page</a></p>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
