/**
 * A strip of all seasons that can be looked at from further or nearer, with presets and the text of a range: what is
 * chosen in one of them is chosen in all.
 * It does not deal with what is done with the selection, nor with the address (selection and level come in and go out).
 */
import {Button, Group, SegmentedControl, Stack, Text, TextInput} from '@mantine/core';
import {type ReactNode, useEffect, useId, useMemo, useState} from 'react';
import {counted} from '../../planner/amount.ts';
import {useLive} from '../live.tsx';
import {countOf, ordinalsOf, type Parsed, PRESETS, parseSelection, textOf} from '../selection.ts';
import {LEVELS, type Level} from '../strip-layout.ts';
import {Legend, LiveStrip, type StripProps} from './strip.tsx';

export interface CalendarStripProps extends Omit<StripProps, 'selection' | 'onSelect'> {
  /** What is selected, as a text: `2024-10-22..2024-11-04, 2024-12-*`, `2023-24`, `missing`. */
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly level: Level;
  readonly onLevel: (level: Level) => void;
  /** Beside the count of what is selected: what to do with it. */
  readonly children?: ReactNode;
}

const LEVEL_WORDS: Readonly<Record<Level, string>> = {seasons: 'Seasons', months: 'Months', weeks: 'Weeks'};

export function CalendarStrip({
  text,
  onText,
  level,
  onLevel,
  children,
  height = 470,
  ...strip
}: CalendarStripProps) {
  const {strips, stripsVersion} = useLive();
  const field = useId();
  const {asset, axis, of} = strip;
  const bytes = strip.bytes ?? strips.get(asset);
  // biome-ignore lint/correctness/useExhaustiveDependencies: presets follow the bytes, which are changed in place.
  const selection = useMemo(() => {
    const parsed = parseSelection(text);
    return parsed.isValid ? ordinalsOf(parsed.items, axis, bytes) : [];
  }, [text, axis, bytes, stripsVersion]);
  const shown = useMemo(() => {
    const span = axis.seasons.find(each => each.season === strip.season);
    return span === undefined ? bytes : bytes?.subarray(span.from, span.to);
  }, [axis, bytes, strip.season]);
  const isDates = axis.kind === 'date';
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Presets text={text} onText={onText} hasSeasons={isDates} hasStates={of !== 'plan'} field={field} />
        {isDates && (
          <SegmentedControl
            size="xs"
            value={level}
            onChange={value => onLevel(LEVELS.find(each => each === value) ?? 'seasons')}
            data={LEVELS.map(value => ({value, label: LEVEL_WORDS[value]}))}
            aria-label="How near"
          />
        )}
      </Group>
      <LiveStrip
        {...strip}
        level={level}
        height={height}
        selection={selection}
        onSelect={ordinals => onText(textOf(ordinals, axis))}
      />
      <Legend {...(of === undefined ? {} : {of})} bytes={shown} />
      <Group align="flex-start" gap="sm" wrap="wrap">
        <RangeText id={field} text={text} onText={onText} />
        <Text size="sm" className="number" mih={30} lh="30px" aria-live="polite">
          {selection.length === 0
            ? 'nothing selected'
            : `${counted(countOf(selection), 'partition')} selected`}
        </Text>
        {children}
      </Group>
    </Stack>
  );
}

const PRESET_WORDS = {
  missing: 'Missing',
  stale: 'Stale',
  failed: 'Failed',
  'last-season': 'Last season',
} as const;

function Presets({
  text,
  onText,
  hasSeasons,
  hasStates,
  field,
}: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly hasSeasons: boolean;
  readonly hasStates: boolean;
  /** Of the text's field. */
  readonly field: string;
}) {
  const chosen = PRESETS.find(each => each === text.trim());
  const shown = PRESETS.filter(preset => (preset === 'last-season' ? hasSeasons : hasStates));
  const isCustom = chosen === undefined && text.trim() !== '';
  return (
    <Group gap={6} role="group" aria-label="Presets">
      {shown.map(preset => (
        <Button
          key={preset}
          size="compact-sm"
          variant={preset === chosen ? 'filled' : 'default'}
          aria-pressed={preset === chosen}
          onClick={() => onText(preset === chosen ? '' : preset)}
        >
          {PRESET_WORDS[preset]}
        </Button>
      ))}
      <Button
        size="compact-sm"
        variant={isCustom ? 'filled' : 'default'}
        aria-pressed={isCustom}
        onClick={() => document.getElementById(field)?.focus()}
      >
        Custom
      </Button>
    </Group>
  );
}

/** What is typed counts once it can be read: with Enter, or when the field is left. */
function RangeText({
  id,
  text,
  onText,
}: {
  readonly id: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const parsed = parseSelection(typed);
  const settle = () => {
    if (parsed.isValid && typed.trim() !== text) onText(typed.trim());
  };
  return (
    <TextInput
      id={id}
      size="xs"
      flex="1 1 260px"
      aria-label="Selected range"
      placeholder="2024-10-22..2024-11-04, 2024-12-*, 2023-24, missing"
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={event => {
        if (event.key === 'Enter') settle();
        if (event.key === 'Escape') setTyped(text);
      }}
      error={parsed.isValid ? undefined : <Mistakes parsed={parsed} typed={typed} />}
    />
  );
}

/** The first mistake, with its place marked in the text. */
function Mistakes({
  parsed,
  typed,
}: {
  readonly parsed: Extract<Parsed, {isValid: false}>;
  readonly typed: string;
}) {
  const [first] = parsed.mistakes;
  if (first === undefined) return null;
  return (
    <>
      <span className="strip-place" aria-hidden>
        {typed.slice(0, first.start)}
        <mark>{typed.slice(first.start, first.end).padEnd(1, ' ')}</mark>
        {typed.slice(first.end)}
      </span>
      At {first.start + 1}: {first.message}
    </>
  );
}
