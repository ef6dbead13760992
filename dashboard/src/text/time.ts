// Instants for people: how long from now, local time, UTC.

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
export const kDay = 24 * kHour;
const kYear = 365.25 * kDay;

// "in 12 d", "3 h ago", "now". One unit, rounded towards now, so that "in 1 d" never has less than a day.
export function relative(instant: number, now: number): string {
  const distance = Math.abs(instant - now);
  const [size, unit] = distance >= 2 * kYear ? [kYear, "y"] : distance >= kDay ? [kDay, "d"] : distance >= kHour ? [kHour, "h"] : distance >= kMinute ? [kMinute, "min"] : [kSecond, "s"];
  const count = Math.floor(distance / (size));
  if (count === 0) return "now";
  return instant > now ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

const kLocal = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const kLocalZone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const kDate = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

const kHourOfDay = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });

export const local = (instant: number) => kLocal.format(instant);
export const localWithZone = (instant: number) => kLocalZone.format(instant);
export const localHour = (instant: number) => kHourOfDay.format(instant);
export const localDate = (instant: number) => kDate.format(instant);

// "2027-02-26 02:56:21 UTC"
export const utc = (instant: number) => `${new Date(instant).toISOString().slice(0, 19).replace("T", " ")} UTC`;
export const iso = (instant: number) => `${new Date(instant).toISOString().slice(0, 19)}Z`;
