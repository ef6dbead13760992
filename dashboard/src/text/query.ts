// The question of the certificates screen as it stands in the address: names of people, days rather than dates, so that
// an address that was shared means the same tomorrow.
import type { CertificateFilter, CertificateStatus } from "../api/types";
import { iso, kDay } from "./time";

export interface Question {
  name: string;
  status: CertificateStatus | "";
  service: string;
  node: string;
  requester: string;
  expires: string; // "7d": within that time; or a date
}

export const kEverything: Question = { name: "", status: "", service: "", node: "", requester: "", expires: "" };
export const kStatuses: readonly CertificateStatus[] = ["good", "held", "revoked", "expired"];

export function questionOf(search: URLSearchParams): Question {
  const status = search.get("status") ?? "";
  return {
    name: search.get("name") ?? "",
    status: kStatuses.find((known) => known === status) ?? "",
    service: search.get("service") ?? "",
    node: search.get("node") ?? "",
    requester: search.get("requester") ?? "",
    expires: expiryOf(search.get("expires") ?? "", 0) === undefined ? "" : (search.get("expires") ?? ""),
  };
}

export function searchOf(question: Question): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of ["name", "status", "service", "node", "requester", "expires"] as const) if (question[name]) search.set(name, question[name]);
  return search;
}

// "7d", "12h" from now, or a date: the moment. Moments of one minute are one question to the server and its cache.
export function expiryOf(text: string, now: number): string | undefined {
  const within = /^(\d{1,4})([dh])$/.exec(text);
  if (within) {
    const moment = now + Number(within[1]) * (within[2] === "d" ? kDay : kDay / 24);
    return iso(Math.ceil(moment / 60_000) * 60_000);
  }
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : iso(moment);
}

export function filterOf(question: Question, now: number): CertificateFilter {
  const expiry = question.expires ? expiryOf(question.expires, now) : undefined;
  return {
    ...(question.name ? { name: question.name } : {}),
    ...(question.status ? { status: question.status } : {}),
    ...(question.service ? { service: question.service } : {}),
    ...(question.node ? { node: question.node } : {}),
    ...(question.requester ? { requester: question.requester } : {}),
    ...(expiry ? { expires_before: expiry } : {}),
  };
}

// What was typed into the one search box: words with a key go to their filter, the rest is a name.
export function typed(text: string, question: Question): Question {
  const result = { ...question, name: "" };
  const rest: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const match = /^(name|status|service|node|requester|expires)[:<](.+)$/i.exec(word);
    const key = match?.[1]?.toLowerCase();
    const value = match?.[2] ?? "";
    const status = kStatuses.find((known) => known === value.toLowerCase());
    if (key === "service" || key === "node" || key === "requester") result[key] = value;
    else if (key === "status" && status) result.status = status;
    else if (key === "expires" && expiryOf(value, 0)) result.expires = value;
    else if (key === "name") rest.push(value);
    else if (word) rest.push(word);
  }
  result.name = rest.join(" ");
  return result;
}
