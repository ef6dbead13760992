// A certificate for a pasted request (PKCS#10). The key stays where it is; what the server refuses is shown with the field
// and the rule that it named.
import { ExpandableSection, FormGroup, FormSelect, FormSelectOption, TextArea, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import { useIssueMutation } from "../../api/api";
import type { IssuedCertificate, IssueRequest } from "../../api/types";
import { Code } from "../../components/Code";
import { FormDialog } from "../../components/FormDialog";
import { Help } from "../../components/Help";
import { Moment } from "../../components/Moment";
import { ShownOnce } from "../../components/ShownOnce";
import { issueCommands } from "../../text/commands";
import { nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import { Downloads } from "../certificate/Downloads";

const kProfiles = [
  { value: "tls-server", name: "tls-server: a server proves its name" },
  { value: "tls-client", name: "tls-client: a client proves who it is" },
  { value: "tls-peer", name: "tls-peer: both" },
];
const kMakeRequest = [
  "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / \\",
  "  -addext subjectAltName=DNS:api.internal -keyout api.key -out request.pem",
].join("\n");

export default function IssueDialog({ close }: { close: () => void }) {
  const [csr, setCsr] = useState("");
  const [profile, setProfile] = useState("tls-server");
  const [days, setDays] = useState("");
  const [service, setService] = useState("");
  const [node, setNode] = useState("");
  // One dialog is one certificate: whoever presses twice, or again after an answer that was lost, gets the same one.
  const [attempt, setAttempt] = useState<{ of: string; key: string }>();
  const [issue, { isLoading, error, reset }] = useIssueMutation();
  const [issued, setIssued] = useState<IssuedCertificate | null>(null);
  const isWrongDays = days !== "" && !/^[1-9]\d{0,3}$/.test(days);
  const isComplete = csr.trim() !== "" && !isWrongDays;
  const request: IssueRequest = { csr: csr.trim(), profile, ...(days ? { lifetime: `${days}d` } : {}), ...(service ? { service } : {}), ...(node ? { node } : {}) };

  async function act() {
    const of = JSON.stringify(request);
    const key = attempt?.of === of ? attempt.key : crypto.randomUUID();
    setAttempt({ of, key });
    const answer = await issue({ request, idempotencyKey: key });
    if ("data" in answer && answer.data) {
      setIssued(answer.data);
      reset(); // the revocation secret is in this dialog alone, not in the store
    }
  }

  if (issued) return <Issued certificate={issued} close={close} />;
  return (
    <FormDialog title="Issue a certificate" doing="Issuing" button="Issue" state={{ isLoading, error }} send={isComplete ? act : undefined} commands={issueCommands(request)} close={close}>
      <FormGroup label="Request (PKCS#10, PEM)" fieldId="csr" isRequired>
        <TextArea
          id="csr"
          isRequired
          rows={6}
          resizeOrientation="vertical"
          className="ql-pem"
          spellCheck="false"
          value={csr}
          onChange={(_event, value) => setCsr(value)}
          placeholder="-----BEGIN CERTIFICATE REQUEST-----"
        />
      </FormGroup>
      <ExpandableSection toggleText="How to make one">
        <Code label="Copy the command">{kMakeRequest}</Code>
      </ExpandableSection>
      <FormGroup label="Profile" fieldId="profile">
        <FormSelect id="profile" value={profile} onChange={(_event, value) => setProfile(value)}>
          {kProfiles.map((one) => (
            <FormSelectOption key={one.value} value={one.value} label={one.name} />
          ))}
        </FormSelect>
      </FormGroup>
      <FormGroup label="Days" fieldId="days">
        <TextInput id="days" inputMode="numeric" value={days} validated={isWrongDays ? "error" : "default"} onChange={(_event, value) => setDays(value)} placeholder="as the profile says" />
        {isWrongDays && <Help isWrong>A number of days</Help>}
      </FormGroup>
      <FormGroup label="Service" fieldId="service">
        <TextInput id="service" maxLength={253} value={service} onChange={(_event, value) => setService(value)} placeholder="which service it is for" />
      </FormGroup>
      <FormGroup label="Node" fieldId="node">
        <TextInput id="node" maxLength={253} value={node} onChange={(_event, value) => setNode(value)} placeholder="on which machine" />
      </FormGroup>
    </FormDialog>
  );
}

function Issued({ certificate, close }: { certificate: IssuedCertificate; close: () => void }) {
  return (
    <ShownOnce
      title={`Issued: ${visible(nameOf(certificate))}`}
      warning="Its revocation secret, shown only here"
      meaning="Whoever has it can revoke this certificate, even when the key is lost. Keep it where you keep passwords."
      label="Copy the revocation secret"
      text={certificate.revocation_secret}
      close={close}
    >
      <p>
        For {certificate.names.map(visible).join(", ") || "no name"}, until <Moment at={certificate.not_after} />. Serial <Link to={`/certificates/${certificate.serial}`}>{certificate.serial}</Link>
      </p>
      <Downloads certificate={certificate} />
    </ShownOnce>
  );
}
