// What needs somebody, most urgent first: pure, of what the API says and the time.
import type { Authority, CertificateSummary, Health, Token } from "../../api/types";
import { authorityStanding } from "../../text/authority";
import { isFailing, partsOf } from "../../text/health";
import { bareName, nameOf, standing } from "../../text/standing";
import { kDay } from "../../text/time";

export interface Attention {
  key: string;
  severity: "danger" | "warning" | "info";
  what: string; // names a thing: it is shown by visible()
  why: string;
  at?: string; // when it ends, or since when it is so
  link: string;
}

const kTokenNotice = 14 * kDay;
const kOrder = { danger: 0, warning: 1, info: 2 };

// A renewal that is due is urgent by what is left of the certificate's life, not by days: of a life of 24 hours, six are little.
function urgencyOf(certificate: CertificateSummary, now: number): Attention["severity"] {
  const from = Date.parse(certificate.not_before);
  const until = Date.parse(certificate.not_after);
  return until - now < Math.min((until - from) / 6, 7 * kDay) ? "danger" : "warning";
}

const serviceOf = (certificate: CertificateSummary) =>
  [certificate.service, certificate.node].filter((label) => label !== undefined).map(bareName).join(" on ");

export interface Seen {
  overdue: readonly CertificateSummary[];
  held: readonly CertificateSummary[];
  newest: readonly CertificateSummary[];
  authorities: readonly Authority[];
  tokens: readonly Token[];
  health: Health | undefined;
}

export function attentionOf(now: number, { overdue, held, newest, authorities, tokens, health }: Seen): Attention[] {
  const found: Attention[] = [];
  for (const part of health ? partsOf(health) : []) {
    if (part.state === "current") continue;
    found.push({ key: part.key, severity: isFailing(part.state) ? "danger" : "warning", what: part.name, why: part.why, link: part.link });
  }
  for (const certificate of overdue) {
    if (standing(certificate, now) !== "renewal due") continue; // renewed since, or ended
    const service = serviceOf(certificate);
    found.push({
      key: `due ${certificate.serial}`,
      severity: urgencyOf(certificate, now),
      what: nameOf(certificate) + (service ? ` (${service})` : ""),
      why: "has not been renewed, and ends",
      at: certificate.not_after,
      link: `/certificates/${certificate.serial}`,
    });
  }
  for (const certificate of held) {
    found.push({
      key: `held ${certificate.serial}`,
      severity: "info",
      what: nameOf(certificate),
      why: "is to be released or revoked; put on hold",
      ...(certificate.revoked_at ? { at: certificate.revoked_at } : {}),
      link: `/certificates/${certificate.serial}`,
    });
  }
  const seen = new Map([...overdue, ...held, ...newest].map((one) => [one.serial, one]));
  for (const certificate of [...seen.values()].filter((one) => one.author_revoked)) {
    found.push({
      key: `author ${certificate.serial}`,
      severity: "danger",
      what: nameOf(certificate),
      why: "was asked for by somebody who had been revoked. Issued",
      at: certificate.issued_at,
      link: `/certificates/${certificate.serial}`,
    });
  }
  for (const authority of authorities) {
    const is = authorityStanding(authority, now);
    if (is !== "ends soon" && is !== "expired" && is !== "revoked") continue;
    found.push({
      key: `authority ${authority.id}`,
      severity: is === "ends soon" ? "warning" : "danger",
      what: authority.subject,
      why: is === "ends soon" ? "is past two thirds of its life, and ends" : is === "expired" ? "has ended" : "is revoked",
      ...(is === "revoked" ? (authority.revoked_at ? { at: authority.revoked_at } : {}) : { at: authority.not_after }),
      link: "/authorities",
    });
  }
  for (const token of tokens) {
    if (token.status !== "live" || Date.parse(token.not_after) - now > kTokenNotice) continue;
    found.push({ key: `token ${token.id}`, severity: "warning", what: `Token ${token.name}`, why: `(${token.role}) ends`, at: token.not_after, link: "/tokens" });
  }
  return found.sort((a, b) => kOrder[a.severity] - kOrder[b.severity] || Date.parse(a.at ?? "9999-12-31") - Date.parse(b.at ?? "9999-12-31"));
}
