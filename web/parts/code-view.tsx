/**
 * A query or code with its lines numbered and its words coloured.
 * It does not deal with reading it (code-tokens.ts).
 */
import './code-view.css';
import {ActionIcon, Button, CopyButton, Tooltip} from '@mantine/core';
import {IconCheck, IconCopy} from '@tabler/icons-react';
import {useMemo, useState} from 'react';
import {counted} from '../../planner/amount.ts';
import {type Language, tokenLines} from '../code-tokens.ts';

/** Lines that are shown before somebody asks for all. */
const FIRST = 40;

export function CodeView({
  text,
  language,
  file,
}: {
  readonly text: string;
  readonly language: Language;
  readonly file: string;
}) {
  const lines = useMemo(() => tokenLines(text, language), [text, language]);
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole || lines.length <= FIRST + 8 ? lines : lines.slice(0, FIRST);
  const hidden = lines.length - shown.length;
  return (
    <figure className="code-view">
      <figcaption className="code-view-head">
        <code>{file}</code>
        <CopyButton value={text}>
          {({copied, copy}) => (
            <Tooltip label={copied ? 'Copied' : 'Copy'}>
              <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={`Copy ${file}`}>
                {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="code-view-text" tabIndex={0} aria-label={`Text of ${file}`}>
        {shown.map((tokens, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number.
          <div key={line} className="code-view-line">
            <span className="code-view-number" data-line={line + 1} />
            <code>
              {tokens.map((token, at) =>
                token.kind === 'plain' ? (
                  token.text
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place.
                  <span key={at} className={`code-view-is-${token.kind}`}>
                    {token.text}
                  </span>
                ),
              )}
            </code>
          </div>
        ))}
      </section>
      {hidden > 0 && (
        <Button variant="subtle" size="compact-sm" fullWidth radius={0} onClick={() => setWhole(true)}>
          Show {counted(hidden, 'more line')}
        </Button>
      )}
    </figure>
  );
}
