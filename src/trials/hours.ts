/** When a promotional SMS may arrive in France: 8 to 20 h, no Sunday, no public holiday. Pure, but for Intl. */

const DAY_MS = 86_400_000;

/** Easter Sunday by the Gregorian computus (Meeus/Jones/Butcher), as UTC midnight. */
export function easter(year: number): Date {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const leapCenturies = Math.floor(century / 4);
  const moonCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - leapCenturies - moonCorrection + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - epact - (inCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const days = epact + toSunday - 7 * late + 114;
  return new Date(Date.UTC(year, Math.floor(days / 31) - 1, (days % 31) + 1));
}

const FIXED = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
/** Easter Monday, Ascension, Whit Monday: days after Easter. */
const AFTER_EASTER = [1, 39, 50];

/** The eleven public holidays of metropolitan France (Code du travail, L3133-1), as `2026-05-01`. */
export function publicHolidays(year: number): string[] {
  const sunday = easter(year).getTime();
  const moving = AFTER_EASTER.map((days) => new Date(sunday + days * DAY_MS).toISOString().slice(0, 10));
  return [...FIXED.map((day) => `${String(year)}-${day}`), ...moving].sort();
}

const FIRST_HOUR = 8;
const LAST_HOUR = 20;

const PARIS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  ...{
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    weekday: 'short',
    hourCycle: 'h23',
  },
});

export function mayDisturb(at: Date): boolean {
  const parts = Object.fromEntries(PARIS.formatToParts(at).map(({ type, value }) => [type, value]));
  const hour = Number(parts['hour']);
  const day = `${parts['year'] ?? ''}-${parts['month'] ?? ''}-${parts['day'] ?? ''}`;
  return (
    hour >= FIRST_HOUR &&
    hour < LAST_HOUR &&
    parts['weekday'] !== 'Sun' &&
    !publicHolidays(Number(parts['year'])).includes(day)
  );
}
