/**
 * What is asked of a plan: which assets, which keys, and how.
 * It does not deal with the answer.
 */
import './form.css';
import {Button, Chip, Group, MultiSelect, NumberInput, TagsInput, TextInput, Tooltip} from '@mantine/core';
import {IconListCheck} from '@tabler/icons-react';
import {type SubmitEvent, useMemo, useState} from 'react';
import {STATES} from '../../planner/state.ts';
import {TIERS} from '../../planner/tier.ts';
import {useLive} from '../live.tsx';
import {type Draft, FLAGS, type Flag, type Mistakes} from './question.ts';

export function QuestionForm({
  start,
  mistakes,
  isAsking,
  onAsk,
}: {
  /** What the address says. */
  readonly start: Draft;
  readonly mistakes: Mistakes;
  readonly isAsking: boolean;
  readonly onAsk: (draft: Draft) => void;
}) {
  const [draft, setDraft] = useState(start);
  const set = (part: Partial<Draft>) => setDraft(before => ({...before, ...part}));
  const {selectors, seasons} = useChoices();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onAsk(draft);
  };
  return (
    <form className="plan-form" onSubmit={submit} aria-label="What to plan">
      <TagsInput
        className="plan-form-select"
        label="Assets"
        description="Names, globs, +upstream, downstream+, group: tag: state: quality:"
        placeholder={draft.select === '' ? 'every asset' : ''}
        value={draft.select.split(/\s+/).filter(Boolean)}
        onChange={terms => set({select: terms.join(' ')})}
        data={selectors}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        splitChars={[' ']}
        limit={60}
        acceptValueOnBlur
        clearable
      />
      <TextInput
        label="From"
        type="date"
        value={draft.from}
        onChange={event => set({from: event.currentTarget.value})}
        error={mistakes.from}
      />
      <TextInput
        label="To"
        type="date"
        value={draft.to}
        onChange={event => set({to: event.currentTarget.value})}
        error={mistakes.to}
      />
      <TextInput
        className="plan-form-keys"
        label="Keys"
        placeholder="2024-10-22..2024-11-04, 2024-12-*"
        value={draft.keys}
        onChange={event => set({keys: event.currentTarget.value})}
        error={mistakes.keys}
      />
      <MultiSelect
        className="plan-form-seasons"
        label="Seasons"
        placeholder={draft.seasons.length === 0 ? 'all' : ''}
        data={seasons}
        value={[...draft.seasons]}
        onChange={chosen => set({seasons: chosen})}
        error={mistakes.seasons}
        clearable
      />
      <NumberInput
        label="At most"
        placeholder="no limit"
        min={1}
        allowDecimal={false}
        value={draft.limit}
        onChange={value => set({limit: String(value)})}
        error={mistakes.limit}
      />
      <Group className="plan-form-last" gap="xs" justify="space-between">
        <Flags chosen={draft.flags} onChange={flags => set({flags})} />
        <Button type="submit" loading={isAsking} leftSection={<IconListCheck size={16} aria-hidden />}>
          Plan
        </Button>
      </Group>
    </form>
  );
}

function Flags({
  chosen,
  onChange,
}: {
  readonly chosen: ReadonlySet<Flag>;
  readonly onChange: (flags: ReadonlySet<Flag>) => void;
}) {
  return (
    <Chip.Group
      multiple
      value={[...chosen]}
      onChange={names => onChange(new Set(FLAGS.map(({name}) => name).filter(name => names.includes(name))))}
    >
      <Group gap={6} role="group" aria-label="Flags">
        {FLAGS.map(({name, word, told}) => (
          <Tooltip key={name} label={told} refProp="rootRef" openDelay={300} multiline maw={280} withArrow>
            <Chip value={name} size="xs" variant="outline">
              {word}
            </Chip>
          </Tooltip>
        ))}
      </Group>
    </Chip.Group>
  );
}

/** What can be chosen without typing it. */
function useChoices() {
  const {pipeline, axes} = useLive();
  return useMemo(() => {
    const tags = new Set(pipeline.assets.flatMap(({tags: own}) => own));
    const seasons = new Set(
      [...axes.values()]
        .filter(({kind}) => kind !== 'all')
        .flatMap(axis => axis.seasons.map(({season}) => season)),
    );
    return {
      selectors: [
        {group: 'Assets', items: pipeline.assets.map(({asset}) => asset)},
        {group: 'Groups', items: pipeline.groups.map(group => `group:${group}`)},
        {group: 'Tags', items: [...tags].sort().map(tag => `tag:${tag}`)},
        {group: 'States', items: STATES.map(state => `state:${state}`)},
        {group: 'Quality', items: TIERS.map(tier => `quality:${tier}`)},
      ].filter(({items}) => items.length > 0),
      seasons: [...seasons].sort().reverse(),
    };
  }, [pipeline, axes]);
}
