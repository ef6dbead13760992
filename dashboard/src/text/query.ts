// The question of the certificates screen as it stands in the address: names of people, days rather than dates, so that
// an address that was shared means the same tomorrow.
import type { CertificateFilter, CertificateStatus } from "../api/types";
import { iso, kDay } from "./time";

// What stands in the address, in this order.
const kNames = ["search", "status", "renewal", "service", "node", "profile", "authority", "key", "requester", "issued", "issued_before", "expires_after", "expires", "as_of"] as const;
export type QuestionName = (typeof kNames)[number];

// Each "" where it is not asked. `expires`: "7d" from now, or a moment, before which they end; `issued`: "7d" ago, or a
// moment, after which they were issued; `as_of`: a moment or a position.
export type Question = Record<QuestionName, string> & { status: CertificateStatus | "" };

export const kEverything = Object.fromEntries(kNames.map((name) => [name, ""])) as Question;
export const kStatuses: readonly CertificateStatus[] = ["good", "held", "revoked", "expired"];

const isSpan = (text: string) => /^\d{1,4}[dh]$/.test(text);
const isMoment = (text: string) => /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text));
export const isPast = (text: string) => isMoment(text) || /^\d+\.\d+$/.test(text);

// What of an address or of what was typed makes sense; the rest is as if it were not there.
const kMakesSense: Partial<Record<QuestionName, (text: string) => boolean>> = {
  status: (text) => kStatuses.some((known) => known === text),
  renewal: (text) => text === "overdue",
  issued: (text) => isSpan(text) || isMoment(text),
  issued_before: isMoment,
  expires_after: isMoment,
  expires: (text) => isSpan(text) || isMoment(text),
  as_of: isPast,
};
const makesSense = (name: QuestionName, text: string) => text !== "" && (kMakesSense[name]?.(text) ?? true);

export function questionOf(search: URLSearchParams): Question {
  const asked = kNames.map((name) => [name, search.get(name) ?? (name === "search" ? search.get("name") : null) ?? ""] as const);
  return Object.fromEntries(asked.map(([name, text]) => [name, makesSense(name, text) ? text : ""])) as Question;
}

export function searchOf(question: Question): URLSearchParams {
  return new URLSearchParams(kNames.filter((name) => question[name]).map((name) => [name, question[name]]));
}

// "7d", "12h" from now (or ago), or a date: the moment. Moments of one minute are one question to the server and its cache.
export function momentOf(text: string, now: number, direction: 1 | -1 = 1): string | undefined {
  const within = /^(\d{1,4})([dh])$/.exec(text);
  if (within) {
    const moment = now + direction * Number(within[1]) * (within[2] === "d" ? kDay : kDay / 24);
    return iso(Math.ceil(moment / 60_000) * 60_000);
  }
  return isMoment(text) ? iso(Date.parse(text)) : undefined;
}

export function filterOf(question: Question, now: number): CertificateFilter {
  const { issued, issued_before, expires_after, expires, ...same } = question;
  const filter = {
    ...same,
    issued_after: momentOf(issued, now, -1),
    issued_before: momentOf(issued_before, now),
    expires_after: momentOf(expires_after, now),
    expires_before: momentOf(expires, now),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
}

// What was typed into the one search box: words with a key go to their filter, the rest is searched for.
const kKeyed = new RegExp(`^(name|${kNames.join("|")})[:<](.+)$`, "i");
export const hasKey = (text: string) => text.split(/\s+/).some((word) => kKeyed.test(`${word}x`));

export function typed(text: string, question: Question): Question {
  const result: Question = { ...question, search: "" };
  const rest: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const match = kKeyed.exec(word);
    const key = match?.[1]?.toLowerCase();
    const name = kNames.find((one) => one === key);
    const value = match?.[2] ?? "";
    if (key === "name" || key === "search") rest.push(value);
    else if (name && makesSense(name, value)) Object.assign(result, { [name]: value });
    else if (name && makesSense(name, value.toLowerCase())) Object.assign(result, { [name]: value.toLowerCase() });
    else if (word) rest.push(word);
  }
  result.search = rest.join(" ");
  return result;
}
