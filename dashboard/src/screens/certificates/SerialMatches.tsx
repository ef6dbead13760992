// What a serial that was typed or pasted leads to. Digits alone may be hex or decimal: both are looked up.
import { Alert, Card, CardBody, Skeleton } from "@patternfly/react-core";
import { skipToken } from "@reduxjs/toolkit/query";
import { useCertificateQuery } from "../../api/api";
import { isProblem } from "../../api/problem";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { ProblemAlert } from "../../components/ProblemAlert";
import { StandingLabel } from "../../components/StandingLabel";
import { decimalOf } from "../../text/serial";

export function SerialMatches({ serials }: { serials: string[] }) {
  const first = useCertificateQuery(serials[0] ?? skipToken);
  const second = useCertificateQuery(serials[1] ?? skipToken);
  const answers = serials[1] ? [first, second] : [first];
  const found = answers.flatMap((answer) => (answer.currentData ? [answer.currentData] : []));
  const failed = answers.find((answer) => isProblem(answer.error) && answer.error.status !== 404);
  if (answers.some((answer) => answer.isFetching && !answer.currentData)) return <Skeleton screenreaderText="Looking the serial up" />;
  return (
    <>
      {found.map((certificate) => (
        <Card key={certificate.serial} isCompact>
          <CardBody className="ql-match">
            <Names certificate={certificate} /> <StandingLabel certificate={certificate} /> <Moment at={certificate.not_after} form="row" /> <code>{certificate.serial}</code>
          </CardBody>
        </Card>
      ))}
      {failed && <ProblemAlert problem={failed.error} doing="Looking the serial up" />}
      {found.length === 0 && !failed && (
        <Alert variant="info" isInline title="No certificate has this serial">
          Looked for {serials.map((serial) => `${serial} (decimal ${decimalOf(serial)})`).join(" and ")}.
        </Alert>
      )}
    </>
  );
}
