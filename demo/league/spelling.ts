// How other sites write the names of players and teams: without accents, with their own dots, codes and cities.
// Does not deal with nicknames; recorded lines have those as they came.
import type {Team} from './teams.ts';

/** `Luka Dončić` is `Luka Doncic`; letters that do not come apart are replaced one by one. */
export function withoutAccents(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[đĐøØłŁıİ]/g, letter => whole[letter] ?? letter);
}

const whole: Readonly<Record<string, string>> = {
  đ: 'd',
  Đ: 'D',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  İ: 'I',
};

/** Bookmakers write `Jr` for `Jr.`, and `CJ` for `C.J.` */
export function withoutDots(name: string): string {
  return withoutAccents(name).replaceAll('.', '');
}

const espnCodes: Readonly<Record<string, string>> = {
  GSW: 'GS',
  NOP: 'NO',
  NYK: 'NY',
  SAS: 'SA',
  UTA: 'UTAH',
  WAS: 'WSH',
};

export function espnCode({tricode}: Team): string {
  return espnCodes[tricode] ?? tricode;
}

/** `Denver Nuggets`; bookmakers write the Clippers' city in full. */
export function fullName({city, name}: Team): string {
  return city === '' ? name : `${city} ${name}`;
}

export function bookmakersName(team: Team): string {
  return team.tricode === 'LAC' ? 'Los Angeles Clippers' : fullName(team);
}
