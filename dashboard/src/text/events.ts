// The types of events in words (docs/events), and whom each is about.
import type { LogEvent } from "../api/types";
import { shortSerial } from "./serial";
import { bareName } from "./standing";

const kWords: Record<string, string> = {
  "authority.added": "Authority added",
  "authority.retired": "Authority retired",
  "certificate.issued": "Issued",
  "certificate.held": "Put on hold",
  "certificate.released": "Released",
  "certificate.revoked": "Revoked",
  "certificates.expired": "Expired",
  "crl.published": "CRL published",
  "key.blocked": "Key blocked",
  "log.created": "Log begun",
  "log.opened": "Log opened",
  "log.restored": "Log restored",
  "log.sealed": "Log sealed",
  "request.denied": "Denied",
  "rule.removed": "Rule removed",
  "rule.set": "Rule set",
  "session.created": "Signed in",
  "session.ended": "Session ended",
  "session.extended": "Session extended",
  "token.created": "Token created",
  "token.revoked": "Token revoked",
  "user.changed": "User changed",
  "user.created": "User created",
  "user.disabled": "User disabled",
  "user.enabled": "User enabled",
  "user.password_set": "Password set",
};
export const wordOf = ({ type }: LogEvent) => kWords[type] ?? type;

export interface About {
  text: string; // shown by visible()
  whole: string;
  link?: string;
}

export function aboutOf({ type, subject, data }: LogEvent): About | undefined {
  const { names } = data as { names?: unknown };
  const name = Array.isArray(names) && typeof names[0] === "string" ? bareName(names[0]) + (names.length > 1 ? ` +${names.length - 1}` : "") : undefined;
  if (subject === undefined) return name === undefined ? undefined : { text: name, whole: name };
  const isCertificate = type.startsWith("certificate.") && /^[0-9a-f]{6,40}$/.test(subject);
  return { text: name ?? shortSerial(subject), whole: subject, ...(isCertificate ? { link: `/certificates/${subject}` } : {}) };
}
