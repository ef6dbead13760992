// After an action: what has it reached? Each step is asked of the server, none is assumed: the responder too is asked as
// any client asks it. Whoever wants its signature verified has the line for openssl.
import { Alert, ProgressStep, ProgressStepper } from "@patternfly/react-core";
import { skipToken } from "@reduxjs/toolkit/query";
import { useState } from "react";
import { useAuthoritiesQuery, useCrlShowsQuery } from "../../api/api";
import { useOcspQuery } from "../../api/ocsp";
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

const kAskEvery = 2000;

export function Propagation({ done, certificate }: { done: Done; certificate: CertificateDetail }) {
  const isShown = isAtLeast(certificate.position, done.position);
  const hasChangedSince = isShown && certificate.status !== done.status;
  const crl = useCrlShowsQuery({ authority: certificate.authority, position: done.position });
  const { data: authorities } = useAuthoritiesQuery();
  const root = above(certificate.authority, authorities?.authorities ?? [])[0];
  const issuer = authorities?.authorities.find(({ id }) => id === certificate.authority)?.certificate;
  const expected = done.status === "good" ? "good" : "revoked";
  const [isHeard, setIsHeard] = useState(false);
  const ocsp = useOcspQuery(issuer === undefined ? skipToken : { serial: certificate.serial, issuer }, { pollingInterval: isHeard ? 0 : kAskEvery });
  if (ocsp.data?.status === expected && !isHeard) setIsHeard(true);
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
          id="step-ocsp"
          titleId="step-ocsp-title"
          variant={isHeard ? "success" : ocsp.error ? "warning" : "pending"}
          isCurrent={isShown && !isHeard}
          aria-label={isHeard ? "done" : "waiting"}
          description={isHeard ? `The responder says ${expected}` : ocsp.error ? "The responder was not heard" : `The responder still says ${ocsp.data?.status ?? "nothing"}`}
        >
          OCSP
        </ProgressStep>
        <ProgressStep
          id="step-crl"
          titleId="step-crl-title"
          variant={crl.data ? "success" : crl.error ? "warning" : "pending"}
          isCurrent={isShown && isHeard && !crl.data}
          aria-label={crl.data ? "done" : "waiting"}
          description={crl.data ? `${visible(certificate.authority)}.crl lacks nothing up to here` : "The CRL that says so is not served yet"}
        >
          CRL
        </ProgressStep>
      </ProgressStepper>
      {crl.error !== undefined && <ProblemAlert problem={crl.error} doing="Asking for the CRL" retry={() => void crl.refetch()} />}
      {root && (
        <>
          <p>The same asked by openssl, which verifies the signature (the certificate is among the downloads below):</p>
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
