// What a list shows for a certificate. The server and this page may be of different versions, and a certificate may hold
// anything: what cannot be read is a row that says so, and the rows around it stand.
import type { CertificatePage, CertificateSummary } from "./types";

export type CertificateRow =
  | { readable: true; serial: string; certificate: CertificateSummary }
  | { readable: false; serial: string | undefined; raw: string };

export interface RowPage {
  rows: CertificateRow[];
  next: string | undefined;
  forgottenBefore: string | undefined;
  examined: number; // entries that the server looked at for it
}

const isInstant = (value: unknown) => typeof value === "string" && !Number.isNaN(Date.parse(value));

export function rowOf(value: unknown): CertificateRow {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const serial = typeof fields.serial === "string" ? fields.serial : undefined;
  const readable =
    serial !== undefined &&
    Array.isArray(fields.names) &&
    fields.names.every((name) => typeof name === "string") &&
    typeof fields.status === "string" &&
    ["good", "held", "revoked"].includes(fields.status) &&
    ["profile", "authority"].every((name) => typeof fields[name] === "string") &&
    ["not_before", "not_after", "issued_at"].every((name) => isInstant(fields[name]));
  if (readable) return { readable: true, serial, certificate: value as CertificateSummary };
  return { readable: false, serial, raw: JSON.stringify(value, null, 2) ?? String(value) };
}

export function pageOf(answer: unknown): RowPage {
  const page = answer as Partial<CertificatePage> | null;
  return {
    rows: Array.isArray(page?.certificates) ? page.certificates.map(rowOf) : [],
    next: page?.next,
    forgottenBefore: page?.forgotten_before,
    examined: page?.examined ?? 0,
  };
}
