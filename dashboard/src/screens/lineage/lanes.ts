// A service's certificates as lanes: one for each name on each node, oldest first, and what is wrong with each. Pure.
import type { CertificateSummary } from "../../api/types";
import { nameOf, renewalDue, standing, type Standing } from "../../text/standing";

export interface Bar {
  certificate: CertificateSummary;
  from: number;
  until: number; // its end, or when it was revoked
  standing: Standing;
}

export interface Finding {
  kind: "ended" | "overdue" | "gap" | "overlap";
  from: number;
  until?: number;
}

export interface Lane {
  key: string;
  node: string; // "" where none was recorded
  name: string;
  bars: Bar[];
  findings: Finding[]; // most urgent first
}

const kOrder: Record<Finding["kind"], number> = { ended: 0, overdue: 1, gap: 2, overlap: 3 };
const kTolerance = 120_000; // milliseconds: a renewal begins a minute before it is made, for clocks that are behind

export function lanesOf(certificates: readonly CertificateSummary[], now: number): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const certificate of certificates) {
    const node = certificate.node ?? "";
    const name = nameOf(certificate);
    const key = JSON.stringify([node, name, certificate.profile]);
    const lane = lanes.get(key) ?? { key, node, name, bars: [], findings: [] };
    lanes.set(key, lane);
    const end = Date.parse(certificate.not_after);
    const is = standing(certificate, now);
    const revoked = is === "revoked" && certificate.revoked_at !== undefined ? Date.parse(certificate.revoked_at) : end;
    lane.bars.push({ certificate, from: Date.parse(certificate.not_before), until: Math.min(end, revoked), standing: is });
  }
  for (const lane of lanes.values()) {
    lane.bars.sort((a, b) => a.from - b.from || a.until - b.until);
    lane.findings = findingsOf(lane.bars, now);
  }
  const urgency = ({ findings }: Lane) => Math.min(9, ...findings.map(({ kind }) => kOrder[kind]));
  return [...lanes.values()].sort((a, b) => urgency(a) - urgency(b) || a.node.localeCompare(b.node) || a.name.localeCompare(b.name));
}

function findingsOf(bars: readonly Bar[], now: number): Finding[] {
  const findings: Finding[] = [];
  let last: Bar | undefined; // what lasts longest so far
  for (const bar of bars) {
    if (last && bar.from > last.until + kTolerance) findings.push({ kind: "gap", from: last.until, until: bar.from });
    if (!last || bar.until > last.until) last = bar;
  }
  if (!last) return findings;
  if (last.until <= now) findings.push({ kind: "ended", from: last.until });
  else if (last.standing === "renewal due") findings.push({ kind: "overdue", from: renewalDue(last.certificate), until: last.until });
  // Renewed, and the one before is good still: the new one may not be in use yet.
  for (const bar of bars) {
    if (bar !== last && bar.standing === "replaced" && bar.until > now) findings.push({ kind: "overlap", from: Math.max(bar.from, last.from), until: bar.until });
  }
  return findings.sort((a, b) => kOrder[a.kind] - kOrder[b.kind]);
}
