/**
 * A part of a page with its title, and what stands to the right of it.
 * It does not deal with what is in it.
 */
import './section.css';
import {Title} from '@mantine/core';
import {type ReactNode, useId} from 'react';

export function Section({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <div className="section-head">
        <Title order={2} id={id} className="section-title">
          {title}
        </Title>
        {aside !== undefined && <div className="section-aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** Names and what they stand for, one below the other. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode] | undefined)[];
}) {
  return (
    <dl className="facts">
      {facts
        .filter(fact => fact !== undefined)
        .map(([name, value]) => (
          <div key={name} className="facts-row">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
