// After an action: what has it reached? Each step is asked of the server, none is assumed. That an OCSP responder says it
// too is for openssl to ask: the line to do so is here.
import { Alert, ProgressStep, ProgressStepper } from "@patternfly/react-core";
import { useAuthoritiesQuery, useCrlShowsQuery } from "../../api/api";
import { isAtLeast } from "../../api/position";
import type { CertificateDetail } from "../../api/types";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Code } from "../../components/Code";
import { fileName } from "../../components/download";
import { quote } from "../../text/commands";
import { nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import { above } from "./Trust";
import type { Done } from "./Certificate";

export function Propagation({ done, certificate }: { done: Done; certificate: CertificateDetail }) {
  const isShown = isAtLeast(certificate.position, done.position);
  const hasChangedSince = isShown && certificate.status !== done.status;
  const crl = useCrlShowsQuery({ authority: certificate.authority, position: done.position });
  const { data: authorities } = useAuthoritiesQuery();
  const root = above(certificate.authority, authorities?.authorities ?? [])[0];
  const origin = window.location.origin;
  const file = `${fileName(nameOf(certificate))}.pem`;
  return (
    <Alert variant={done.status === "good" ? "success" : "warning"} isInline title={`${done.what}, at position ${done.position} of the log`}>
      <ProgressStepper aria-label="How far it has come">
        <ProgressStep id="step-log" titleId="step-log-title" variant="success" aria-label="done" description="It is durable">
          Log
        </ProgressStep>
        <ProgressStep
          id="step-view"
          titleId="step-view-title"
          variant={isShown ? "success" : "pending"}
          isCurrent={!isShown}
          aria-label={isShown ? "done" : "waiting"}
          description={hasChangedSince ? "Somebody has changed it again since" : isShown ? "This page shows it" : "This page does not show it yet"}
        >
          View
        </ProgressStep>
        <ProgressStep
          id="step-crl"
          titleId="step-crl-title"
          variant={crl.data ? "success" : crl.error ? "warning" : "pending"}
          isCurrent={isShown && !crl.data}
          aria-label={crl.data ? "done" : "waiting"}
          description={crl.data ? `${visible(certificate.authority)}.crl lacks nothing up to here` : "The CRL that says so is not served yet"}
        >
          CRL
        </ProgressStep>
      </ProgressStepper>
      {crl.error !== undefined && <ProblemAlert problem={crl.error} doing="Asking for the CRL" retry={() => void crl.refetch()} />}
      {root && (
        <>
          <p>What OCSP says, asked by openssl (the certificate is among the downloads below):</p>
          <Code label="Copy the commands">
            {[
              `curl -sO --cacert roots.pem ${quote(`${origin}/ca/${certificate.authority}.pem`)}`,
              `openssl ocsp -issuer ${quote(`${certificate.authority}.pem`)} -cert ${quote(file)} -CAfile roots.pem -url "$(openssl x509 -in ${quote(file)} -noout -ocsp_uri)"`,
            ].join("\n")}
          </Code>
        </>
      )}
    </Alert>
  );
}
