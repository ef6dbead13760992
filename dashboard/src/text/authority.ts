import type { Authority } from "../api/types";

export type AuthorityStanding = "valid" | "ends soon" | "retired" | "revoked" | "expired";

const kNameAt = 2 / 3; // of its life: then the server names it too (/readyz?verbose)

export function authorityStanding(authority: Authority, now: number): AuthorityStanding {
  const from = Date.parse(authority.not_before);
  const until = Date.parse(authority.not_after);
  if (authority.revoked_at !== undefined || authority.reason !== undefined) return "revoked";
  if (until <= now) return "expired";
  if (authority.retired) return "retired";
  return now >= from + (until - from) * kNameAt ? "ends soon" : "valid";
}
