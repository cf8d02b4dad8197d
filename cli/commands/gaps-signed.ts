/**
 * `gameplan gaps accept` and `gaps reopen`: sign gaps off in the target's file of accepted gaps, or take it back.
 * Nothing is made, and nothing becomes stale. What they do is loaded when one of them runs (sign-gaps.ts), as it reads YAML.
 */
import {ASSET_RANGE, type Command} from '../command.ts';
import {byFlag, date, jsonFlag, nowFlag, projectFlags, reasonFlag} from '../flags.ts';

const flags = [
  ...projectFlags,
  {flags: '--games <ids>', description: 'only these games, comma-separated'},
  byFlag,
  {flags: '--dry-run', description: 'show what follows and touch nothing'},
  nowFlag,
  jsonFlag,
];

export const acceptCommand: Command = {
  name: 'accept',
  summary: "sign gaps off in the target's file of accepted gaps",
  arguments: [ASSET_RANGE],
  flags: [
    ...flags,
    {flags: '--reason <text>', description: 'why, for the file'},
    {flags: '--until <date>', description: 'the date from which it is a gap again', parse: date},
  ],
  examples: [
    "gameplan gaps accept raw.player_boxscores@2025-04-15 --reason 'Play-in; no source has their player rows.'",
    "gameplan gaps accept raw.player_boxscores@2025-04-15 --games 0052400101 --reason 'not recorded' --until 2026-06-30",
  ],
  run: async invocation => (await import('../sign-gaps.ts')).signOff(invocation),
};

export const reopenCommand: Command = {
  name: 'reopen',
  summary: "take gaps out of the target's file of accepted gaps",
  arguments: [ASSET_RANGE],
  flags: [...flags, reasonFlag],
  examples: [
    'gameplan gaps reopen raw.player_boxscores@2025-04-15',
    'gameplan gaps reopen raw.player_boxscores@2025-04-15 --games 0052400101 --dry-run',
  ],
  run: async invocation => (await import('../sign-gaps.ts')).takeBack(invocation),
};
