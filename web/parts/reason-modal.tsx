/**
 * Asks once before something is written down that somebody has to answer for: why, by whom, and what follows.
 * It does not deal with what is done (the server's actions).
 */
import {Button, Checkbox, Code, Group, Loader, Modal, Stack, Text, Textarea, TextInput} from '@mantine/core';
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {type FormEvent, type ReactNode, useState} from 'react';
import {useLive} from '../live.tsx';

const PREVIEW = 'preview';

export interface Given {
  readonly reason: string;
  /** Undefined: who the server says. */
  readonly by: string | undefined;
  readonly until: string | undefined;
  readonly games: readonly string[];
}

export interface Question {
  readonly title: string;
  readonly children?: ReactNode;
  /** Of the button, such as `Accept`. */
  readonly verb: string;
  readonly colour?: string;
  readonly placeholder: string;
  /** Whether it may be for a time only. */
  readonly hasUntil?: boolean;
  /** Games that it may be for alone. */
  readonly games?: readonly string[];
  /** What would follow, as a terminal shows it. */
  readonly preview?: (games: readonly string[], signal: AbortSignal) => Promise<string>;
  readonly act: (given: Given) => Promise<void>;
}

export function ReasonModal({
  question,
  onClose,
}: {
  /** Undefined: closed. */
  readonly question: Question | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Modal
      opened={question !== undefined}
      onClose={onClose}
      title={<Text fw={600}>{question?.title}</Text>}
      size="lg"
      centered
    >
      {question !== undefined && <Form question={question} onClose={onClose} />}
    </Modal>
  );
}

function Form({question, onClose}: {readonly question: Question; readonly onClose: () => void}) {
  const {user} = useLive().pipeline;
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [by, setBy] = useState('');
  const [until, setUntil] = useState('');
  const [games, setGames] = useState<readonly string[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const [error, setError] = useState<Error>();
  const isMissing = reason.trim() === '';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (isMissing) return;
    setBusy(true);
    setError(undefined);
    // What would follow is of no use now, and is refused once it is done.
    await client.cancelQueries({queryKey: [PREVIEW]});
    try {
      await question.act({
        reason: reason.trim(),
        by: by.trim() || undefined,
        until: until || undefined,
        games,
      });
      onClose();
    } catch (refused) {
      setError(refused instanceof Error ? refused : new Error(String(refused)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={event => void submit(event)} noValidate>
      <Stack gap="sm">
        {question.children}
        <Textarea
          label="Reason"
          description="Written down, and shown wherever this is told."
          placeholder={question.placeholder}
          required
          autosize
          minRows={2}
          maxRows={6}
          maxLength={500}
          data-autofocus
          value={reason}
          onChange={event => setReason(event.currentTarget.value)}
          error={isAsked && isMissing ? 'Say why, for the record.' : undefined}
        />
        <Group grow align="start">
          <TextInput
            label="By"
            placeholder={user ?? 'your name'}
            maxLength={100}
            value={by}
            onChange={event => setBy(event.currentTarget.value)}
          />
          {question.hasUntil === true && (
            <TextInput
              label="Until"
              description="From this date on it is a gap again."
              inputWrapperOrder={['label', 'input', 'description']}
              type="date"
              value={until}
              onChange={event => setUntil(event.currentTarget.value)}
            />
          )}
        </Group>
        {question.games !== undefined && question.games.length > 0 && (
          <Checkbox.Group
            label="Only these games"
            description="None chosen: the whole partition."
            value={[...games]}
            onChange={setGames}
          >
            <Group gap="md" mt={6}>
              {question.games.map(game => (
                <Checkbox key={game} value={game} label={game} />
              ))}
            </Group>
          </Checkbox.Group>
        )}
        {question.preview !== undefined && (
          <Preview preview={question.preview} games={games} isDone={isBusy} />
        )}
        {error !== undefined && (
          <Text c="red" size="sm" role="alert" style={{whiteSpace: 'pre-wrap'}}>
            {error.message}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} {...(question.colour && {color: question.colour})}>
            {question.verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Its place is kept, so that the buttons do not move under the pointer. */
function Preview({
  preview,
  games,
  isDone,
}: {
  readonly preview: NonNullable<Question['preview']>;
  readonly games: readonly string[];
  /** What it asks about is being done: asked now it would be refused. */
  readonly isDone: boolean;
}) {
  const {data, error} = useQuery({
    queryKey: [PREVIEW, games],
    queryFn: ({signal}) => preview(games, signal),
    enabled: !isDone,
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        What follows
      </Text>
      <Code block mih={72} mah={220} style={{overflow: 'auto', whiteSpace: 'pre-wrap'}} aria-live="polite">
        {error === null ? (data ?? <Loader size="xs" aria-label="Asking what follows" />) : error.message}
      </Code>
    </div>
  );
}
