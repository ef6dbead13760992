import { useState } from "react";
import { Link } from "react-router";
import { Button } from "@patternfly/react-core";
import type { CertificateDetail } from "../../api/types";
import { Copied } from "../../components/Copy";
import { Fact, Facts as List } from "../../components/Fact";
import { Moment } from "../../components/Moment";
import { useStanding } from "../../components/as_of";
import { reasonTitle } from "../../text/reasons";
import { decimalOf, withColons } from "../../text/serial";
import { iso } from "../../text/time";
import { kStandingMeaning, renewalDue } from "../../text/standing";
import { visible } from "../../text/visible";

export function Facts({ certificate }: { certificate: CertificateDetail }) {
  const is = useStanding(certificate);
  return (
    <List>
      <Fact term="Status">
        {kStandingMeaning[is]}
        {certificate.revoked_at && (
          <div>
            Since <Moment at={certificate.revoked_at} />: {visible(reasonTitle(certificate.reason))} (<code>{visible(certificate.reason ?? "unspecified")}</code>)
          </div>
        )}
      </Fact>
      <Fact term="Names">
        {certificate.names.length === 0 ? (
          "none"
        ) : (
          <ul className="ql-plain-list">
            {certificate.names.map((name) => (
              <li key={name}>
                <Copied text={name.replace(/^[A-Za-z]+:/, "")} shown={visible(name)} label={`Copy ${visible(name)}`} />
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact term="Ends">
        <Moment at={certificate.not_after} />
      </Fact>
      <Fact term="Begins">
        <Moment at={certificate.not_before} />
      </Fact>
      {(is === "valid" || is === "renewal due") && (
        <Fact term="Renewal due">
          <Moment at={iso(renewalDue(certificate))} />
        </Fact>
      )}
      <Fact term="Service">
        {certificate.service === undefined ? "not recorded" : (
          <>
            <Link to={`/certificates?service=${encodeURIComponent(certificate.service)}`}>{visible(certificate.service)}</Link> (<Link to={`/lineage?service=${encodeURIComponent(certificate.service)}`}>its lineage</Link>)
          </>
        )}
        {certificate.node !== undefined && (
          <>
            {" "}
            on <Link to={`/certificates?node=${encodeURIComponent(certificate.node)}`}>{visible(certificate.node)}</Link>
          </>
        )}
      </Fact>
      <Fact term="Asked for by">
        {certificate.requester === undefined ? "not recorded" : <Link to={`/certificates?requester=${encodeURIComponent(certificate.requester)}`}>{visible(certificate.requester)}</Link>}
        {certificate.requested_for !== undefined && <> for {visible(certificate.requested_for)}</>}
      </Fact>
      <Fact term="Profile">
        <Link to={`/certificates?profile=${encodeURIComponent(certificate.profile)}`}>{visible(certificate.profile)}</Link>
        {certificate.profile_sha256 !== undefined && (
          <div className="ql-muted">
            what it said then: <Copied text={certificate.profile_sha256} shown={`${certificate.profile_sha256.slice(0, 16)}…`} label="Copy the hash of the profile" />
          </div>
        )}
      </Fact>
      <Fact term="Key">{visible(certificate.key)}</Fact>
      <Fact term="Issuer">
        <Link to={`/authorities#${encodeURIComponent(certificate.authority)}`}>{visible(certificate.authority)}</Link>
      </Fact>
      <Fact term="Serial">
        <Serial hex={certificate.serial} />
      </Fact>
      <Fact term="SHA-256">
        <Copied text={certificate.sha256} label="Copy the fingerprint" />
      </Fact>
      <Fact term="Key SHA-256">
        <Copied text={certificate.key_sha256} label="Copy the hash of the key" />
      </Fact>
      <Fact term="Issued">
        <Moment at={certificate.issued_at} />
        {certificate.issued_position && (
          <div>
            Position <Copied text={certificate.issued_position} label="Copy the position" /> of the log
          </div>
        )}
      </Fact>
    </List>
  );
}

const kForms = ["hex", "colons", "decimal"] as const;

function Serial({ hex }: { hex: string }) {
  const [form, setForm] = useState<(typeof kForms)[number]>("hex");
  const text = form === "hex" ? hex : form === "colons" ? withColons(hex) : decimalOf(hex);
  const next = kForms[(kForms.indexOf(form) + 1) % kForms.length] ?? "hex";
  return (
    <span className="ql-copied">
      <Copied text={text} label={`Copy the serial (${form})`} />{" "}
      <Button variant="link" isInline onClick={() => setForm(next)} aria-label={`Show the serial as ${next}`}>
        {next}
      </Button>
    </span>
  );
}
