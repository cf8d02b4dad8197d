// First and family names to put simulated players together from, accents and suffixes included.
// Does not deal with who bears them.

/** 61 and 97 names: prime lengths, so that walking both lists at once meets every pair before repeating one. */
export const firstNames: readonly string[] =
  `Aaron Abdou Adrián Aleksa Alonzo Amari André Anton Bogdan Brandon Bryce
  Caleb Cam Carlos Cédric Chris Corey Damir Darius Dejan Derrick Desmond Dylan Elijah Emre Eric Facundo Filip Gabriel
  Goran Guillem Hugo Isaiah Ivan Jalen Jamal Jānis Jaylin Jeremiah José Josh Jusuf Kai Keon Killian Kobe Léo Luka
  Malik Marcus Mathéo Micah Moussa Nico Noah Óscar Rayan Santi Théo Tyrell Žiga`.split(/\s+/);

export const familyNames: readonly string[] =
  `Adams|Alexander|Avdić|Bailey|Banks Jr.|Barnett|Béringer|Bell|Bishop
  |Bojović|Booth|Bradley|Brooks III|Bryant|Caldwell|Carter Jr.|Castañeda|Çelik|Chambers|Coleman|Cooper|Coulibaly
  |Crawford|Cruz|Daniels|Diallo|Dimitrov|Dixon|Doumbia|Đukić|Edwards|Ellison|Faye|Fernández|Fletcher|Fontaine|Foster
  |Franklin|García|Gibson|Grant II|Greene|Grigonis|Hall|Harper|Hayes|Henderson|Hernángel|Holloway|Hughes|Ivanović
  |Jackson Jr.|Jenkins|Kalniņš|Keita|Kowalski|Kovačević|Lamar|Lefèvre|Lewis|Livingston|Long|Maķis|Marković|Martin Jr.
  |Mbaye|McBride|McKinney|Mitchell|Montgomery|Moreau|Müller|N'Diaye|Nguyen|Novák|O'Neal|Okafor|Okoro|Palmer|Pérez
  |Petrović|Porter|Radović|Reyes|Richardson Jr.|Rowe|Sarr|Saunders|Schäfer|Smith-Jones|Strickland|Şahin|Thornton
  |Traoré|Vargas|Washington|Žukauskas`
    .split('|')
    .map(name => name.trim());
