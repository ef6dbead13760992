// One certificate, as a client would ask about it.
import { Button, Form, FormGroup, TextInput } from "@patternfly/react-core";
import { skipToken } from "@reduxjs/toolkit/query";
import { useState } from "react";
import { useAuthoritiesQuery, useCertificatesInfiniteQuery } from "../../api/api";
import { useOcspQuery } from "../../api/ocsp";
import type { CertificateSummary } from "../../api/types";
import { Help } from "../../components/Help";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { OcspLabel } from "../../components/OcspLabel";
import { ProblemAlert } from "../../components/ProblemAlert";
import { readable } from "../../text/rows";
import { shortSerial } from "../../text/serial";

const kShown = 5;

export function AskOcsp() {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const list = useCertificatesInfiniteQuery(asked === "" ? skipToken : { search: asked, limit: kShown });
  const found = readable(list.currentData?.pages).slice(0, kShown);
  return (
    <>
      <Form
        className="ql-choose"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(text.trim());
        }}
      >
        <FormGroup label="Serial, fingerprint or name" fieldId="ocsp-serial">
          <div className="ql-field-and-button">
            <TextInput id="ocsp-serial" value={text} spellCheck="false" onChange={(_event, value) => setText(value)} />
            <Button type="submit" isDisabled={text.trim() === ""}>
              Ask
            </Button>
          </div>
          <Help>The page asks the responder itself, as any client does. It does not verify the signature: openssl does.</Help>
        </FormGroup>
      </Form>
      {list.error !== undefined && <ProblemAlert problem={list.error} doing="Looking it up" />}
      {asked !== "" && list.isSuccess && !list.isFetching && found.length === 0 && <p role="status">No certificate is like this.</p>}
      <ul className="ql-newest" aria-label="What OCSP says">
        {found.map((certificate) => (
          <Asked key={certificate.serial} certificate={certificate} />
        ))}
      </ul>
    </>
  );
}

function Asked({ certificate }: { certificate: CertificateSummary }) {
  const { data } = useAuthoritiesQuery();
  const issuer = data?.authorities.find(({ id }) => id === certificate.authority)?.certificate;
  const { data: answer, error } = useOcspQuery(issuer === undefined ? skipToken : { serial: certificate.serial, issuer }, { refetchOnMountOrArgChange: true });
  return (
    <li>
      <span>
        <Names certificate={certificate} /> <code className="ql-muted">{shortSerial(certificate.serial)}</code>
        {error !== undefined && <ProblemAlert problem={error} doing="Asking the responder" />}
      </span>
      {answer ? <OcspLabel status={answer.status} /> : <span />}
      <span className="ql-muted">
        {answer?.nextUpdate !== undefined && (
          <>
            to be kept until <Moment at={answer.nextUpdate} form="relative" />
          </>
        )}
      </span>
    </li>
  );
}
