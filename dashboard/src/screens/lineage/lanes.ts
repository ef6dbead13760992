// A service's certificates as lanes, one for each node: what the server found, in the order in which it needs somebody. Pure.
import type { CertificateSummary, LineageNode } from "../../api/types";
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
  node: string; // "" where none was recorded
  names: readonly string[]; // of its certificates, each once
  bars: Bar[]; // oldest first
  findings: Finding[]; // most urgent first
}

const kOrder: Record<Finding["kind"], number> = { ended: 0, overdue: 1, gap: 2, overlap: 3 };

export function lanesOf(nodes: readonly LineageNode[], now: number): Lane[] {
  const lanes = nodes.map((node): Lane => {
    const bars = node.certificates.map(barOf(now)).sort((a, b) => a.from - b.from || a.until - b.until);
    return { node: node.node, names: [...new Set(node.certificates.map(nameOf))], bars, findings: findingsOf(node, bars, now) };
  });
  const urgency = ({ findings }: Lane) => Math.min(9, ...findings.map(({ kind }) => kOrder[kind]));
  return lanes.sort((a, b) => urgency(a) - urgency(b) || a.node.localeCompare(b.node));
}

const barOf = (now: number) => (certificate: CertificateSummary): Bar => {
  const end = Date.parse(certificate.not_after);
  const is = standing(certificate, now);
  const revoked = is === "revoked" && certificate.revoked_at !== undefined ? Date.parse(certificate.revoked_at) : end;
  return { certificate, from: Date.parse(certificate.not_before), until: Math.min(end, revoked), standing: is };
};

// Of overlaps only those that last: that two were good for a while is how renewals are.
function findingsOf({ state, gaps, overlaps }: LineageNode, bars: readonly Bar[], now: number): Finding[] {
  const last = bars.reduce<Bar | undefined>((longest, bar) => (longest && longest.until >= bar.until ? longest : bar), undefined);
  const spans = (list: LineageNode["gaps"]) => list.map(({ from, until }) => ({ from: Date.parse(from), until: Date.parse(until) }));
  const findings: Finding[] = [];
  if (state === "ended" && last) findings.push({ kind: "ended", from: last.until });
  if (state === "overdue" && last) findings.push({ kind: "overdue", from: renewalDue(last.certificate), until: last.until });
  for (const span of spans(gaps)) {
    // The one behind the last certificate is said by the state.
    if (!last || span.from < last.until) findings.push({ kind: "gap", ...span });
  }
  for (const span of spans(overlaps)) if (span.until > now && span.from <= now) findings.push({ kind: "overlap", ...span });
  return findings;
}
