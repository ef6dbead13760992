// A certificate's name as a link, and how many others it has.
import { Link } from "react-router";
import type { CertificateSummary } from "../api/types";
import { nameOf } from "../text/standing";
import { visible } from "../text/visible";
import { useAsOf } from "./as_of";

export function Names({ certificate }: { certificate: CertificateSummary }) {
  const asOf = useAsOf();
  const others = certificate.names.length - 1;
  return (
    <span className="ql-name" title={certificate.names.map(visible).join("\n")}>
      <Link to={`/certificates/${certificate.serial}${asOf === undefined ? "" : `?as_of=${encodeURIComponent(asOf)}`}`}>{visible(nameOf(certificate))}</Link>
      {others > 0 && <span className="ql-muted"> +{others}</span>}
    </span>
  );
}
