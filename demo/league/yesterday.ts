// Turns a question on a date into one on the game date before it: what a source says that was not brought up to date.
// Does not deal with questions that name a game.
import type {Asked} from './asked.ts';
import {addDays} from './calendar.ts';
import type {League} from './game.ts';
import type {Question} from './question.ts';
import {gamesOn} from './subject.ts';

export async function ofYesterday(asked: Asked): Promise<Asked> {
  return {...asked, question: await earlier(asked.league, asked.question)};
}

async function earlier(league: League, question: Question): Promise<Question> {
  switch (question.kind) {
    case 'game-log': {
      const {from, to} = question;
      return {
        ...question,
        from: from === undefined ? undefined : await dateBefore(league, from),
        to: to === undefined ? undefined : await dateBefore(league, to),
      };
    }
    case 'scoreboard':
    case 'bdl-stats':
    case 'bettingpros-events':
    case 'injury-report':
      return {...question, date: await dateBefore(league, question.date)};
    case 'espn-scoreboard': {
      const [from, to] = [await dateBefore(league, question.from), await dateBefore(league, question.to)];
      return {...question, from, to};
    }
    case 'odds-events': {
      const before = await dateBefore(league, question.from.slice(0, 10));
      const span = Date.parse(question.to) - Date.parse(question.from);
      const from = `${before}${question.from.slice(10)}`;
      const to = `${new Date(Date.parse(from) + span).toISOString().slice(0, 19)}Z`;
      return {...question, from, to};
    }
    default:
      return question;
  }
}

/** The last date with games before this one, at most two weeks back. */
async function dateBefore(league: League, date: string): Promise<string> {
  for (let days = 1; days <= 14; days++) {
    const before = addDays(date, -days);
    if ((await gamesOn(league, before)).length > 0) return before;
  }
  return addDays(date, -1);
}
