// Answers what the two sellers of lines are asked: their events, and what they offer on them.
// Does not deal with where the lines come from.
import {type Answer, type Asked, findGame, gamesBetween, gamesOf, json} from './asked.ts';
import {addDays} from './calendar.ts';
import type {Game} from './game.ts';
import {movedLines, movedQuotes, newsUntil} from './news.ts';
import type {OtherQuestion} from './other-question.ts';
import {
  bettingProsEventsAnswer,
  bettingProsOffersAnswer,
  commenceOf,
  oddsAnswer,
  oddsEventsAnswer,
} from './quotes-answer.ts';

type QuotesQuestion = Extract<
  OtherQuestion,
  {kind: 'odds-events' | 'odds' | 'bettingpros-events' | 'bettingpros-offers'}
>;

const noEvent: Answer = {
  status: 404,
  type: 'application/json; charset=utf-8',
  body: '{"message":"Event not found. The event may have expired or the event id may not be valid."}',
};

export async function quotesAnswer(asked: Asked, question: QuotesQuestion): Promise<Answer> {
  switch (question.kind) {
    case 'odds-events':
      return json(oddsEventsAnswer(question.at, await beginningBetween(asked, question)));
    case 'odds': {
      const game = await findGame(asked, question.gameId);
      if (game === undefined || asked.edits.shown([game]).length === 0) return noEvent;
      const {league, edits, news} = asked;
      const {at, markets} = question;
      const times = newsUntil(news, game.gameId, 'lines', at);
      return json(
        oddsAnswer(at, game, {
          markets,
          quotes: edits.empty ? [] : movedQuotes(await league.quotes('odds', game), times),
          lines: edits.empty ? [] : movedLines(await league.lines(game), times),
        }),
      );
    }
    case 'bettingpros-events':
      return json(bettingProsEventsAnswer(question.date, await gamesOf(asked, question.date), asked.now));
    case 'bettingpros-offers': {
      const games = await Promise.all(question.gameIds.map(id => findGame(asked, id)));
      const known = games.filter(game => game !== undefined);
      const offered = asked.edits.empty ? [] : asked.edits.shown(known);
      return json(
        bettingProsOffersAnswer(
          question,
          await Promise.all(
            offered.map(async game => {
              const times = newsUntil(asked.news, game.gameId, 'lines', asked.now);
              return {game, quotes: movedQuotes(await asked.league.quotes('bettingpros', game), times)};
            }),
          ),
        ),
      );
    }
    default:
      return unreachable(question);
  }
}

async function beginningBetween(
  asked: Asked,
  {from, to}: {readonly from: string; readonly to: string},
): Promise<readonly Game[]> {
  const games = await gamesBetween(asked, addDays(from.slice(0, 10), -1), to.slice(0, 10));
  return games.filter(game => commenceOf(game) >= from && commenceOf(game) < to);
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
