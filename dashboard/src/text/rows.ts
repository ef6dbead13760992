import type { RowPage } from "../api/rows";
import type { CertificateSummary } from "../api/types";

export const readable = (pages: readonly RowPage[] | undefined): CertificateSummary[] =>
  (pages ?? []).flatMap((page) => page.rows).flatMap((row) => (row.readable ? [row.certificate] : []));
