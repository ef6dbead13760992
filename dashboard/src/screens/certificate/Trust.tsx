// From the root down to this certificate, each with its end.
import { Skeleton } from "@patternfly/react-core";
import { useAuthoritiesQuery } from "../../api/api";
import type { Authority, CertificateDetail } from "../../api/types";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { StandingLabel } from "../../components/StandingLabel";
import { nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import { AuthorityLabel } from "../authorities/AuthorityLabel";

export function Trust({ certificate }: { certificate: CertificateDetail }) {
  const { data, error } = useAuthoritiesQuery();
  if (error) return <ProblemAlert problem={error} doing="Showing the chain" />;
  if (!data) return <Skeleton screenreaderText="Loading the chain" />;
  return (
    <ol className="ql-trust">
      {above(certificate.authority, data.authorities).map((authority) => (
        <li key={authority.id}>
          <strong>{visible(authority.subject)}</strong> <AuthorityLabel authority={authority} />
          <div>
            {authority.parent ? "issuing authority" : "root"} <code>{visible(authority.id)}</code>, {visible(authority.key)}, ends <Moment at={authority.not_after} form="row" />
          </div>
        </li>
      ))}
      <li>
        <strong>{visible(nameOf(certificate))}</strong> <StandingLabel certificate={certificate} />
        <div>
          this certificate, ends <Moment at={certificate.not_after} form="row" />
        </div>
      </li>
    </ol>
  );
}

// The authorities above, root first. A parent that names itself ends the walk.
export function above(id: string | undefined, authorities: readonly Authority[]): Authority[] {
  const found: Authority[] = [];
  for (let at = id; at !== undefined; ) {
    const authority = authorities.find((one) => one.id === at);
    if (!authority || found.includes(authority)) break;
    found.unshift(authority);
    at = authority.parent;
  }
  return found;
}
