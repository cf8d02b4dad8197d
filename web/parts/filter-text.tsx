/**
 * A text by which a list is filtered. It is asked for when the typing rests, and shown at once.
 * It does not deal with what the text means.
 */
import {CloseButton, TextInput, type TextInputProps} from '@mantine/core';
import {useEffect, useState} from 'react';

const REST_MS = 350;

export function FilterText({
  value,
  onChoose,
  ...rest
}: Omit<TextInputProps, 'value' | 'onChange'> & {
  readonly value: string;
  readonly onChoose: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onChoose(typed.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChoose]);
  return (
    <TextInput
      size="sm"
      spellCheck={false}
      autoComplete="off"
      {...rest}
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
      onKeyDown={event => event.key === 'Enter' && onChoose(typed.trim())}
      rightSection={
        typed === '' ? null : <CloseButton size="sm" aria-label="Clear" onClick={() => onChoose('')} />
      }
    />
  );
}
