// How a certificate stands, in one word: what the API says of it and the time together.
import type { CertificateSummary } from "../api/types";

export type Standing = "valid" | "replaced" | "renewal due" | "not yet valid" | "on hold" | "revoked" | "expired" | "not known";

const kRenewAt = 2 / 3; // of its life, as `quicklime renew --daemon` does

export const renewalDue = (certificate: Pick<CertificateSummary, "not_before" | "not_after">) => {
  const from = Date.parse(certificate.not_before);
  return from + (Date.parse(certificate.not_after) - from) * kRenewAt;
};

// Without `now`: as the server said it of a past moment, whose clock this page does not have.
export function standing(certificate: CertificateSummary, now: number | undefined): Standing {
  if (certificate.status_unknown) return "not known";
  if (certificate.status === "revoked") return "revoked";
  if (now === undefined) {
    if (certificate.expired) return "expired";
    if (certificate.status === "held") return "on hold";
    return certificate.replaced_by ? "replaced" : certificate.overdue ? "renewal due" : "valid";
  }
  if (Date.parse(certificate.not_after) <= now) return "expired";
  if (certificate.status === "held") return "on hold";
  if (Date.parse(certificate.not_before) > now) return "not yet valid";
  if (certificate.replaced_by) return "replaced";
  return renewalDue(certificate) <= now ? "renewal due" : "valid";
}

export const kStandingMeaning: Record<Standing, string> = {
  valid: "It holds, and no renewal is due yet.",
  replaced: "A renewal has replaced it. It stays good until it ends or is revoked.",
  "renewal due": "Two thirds of its life are over, and nothing has renewed it.",
  "not yet valid": "Its time has not begun: a clock may be wrong.",
  "on hold": "OCSP and CRLs call it revoked until it is released.",
  revoked: "OCSP and CRLs call it revoked, for ever.",
  expired: "Its time is over.",
  "not known": "It was held and released so often since that how it stood then is in the log alone.",
};

// "DNS:api.internal" -> "api.internal". The kind of a name is shown where all names are.
export const bareName = (name: string) => name.replace(/^(DNS|IP|URI|email):/i, "");
export const nameOf = (certificate: Pick<CertificateSummary, "names" | "profile">) =>
  certificate.names[0] !== undefined ? bareName(certificate.names[0]) : `(no name, ${certificate.profile})`;

// The CA's own certificates renew themselves and teach nobody anything.
export const isOwn = (certificate: Pick<CertificateSummary, "requester">) => certificate.requester?.startsWith("process:") ?? false;
