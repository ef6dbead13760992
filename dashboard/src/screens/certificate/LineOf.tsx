// What this certificate replaced and what replaced it, oldest first.
import { Alert, Skeleton } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useLineQuery } from "../../api/api";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { ProblemAlert } from "../../components/ProblemAlert";
import { StandingLabel } from "../../components/StandingLabel";
import { shortSerial } from "../../text/serial";
import { visible } from "../../text/visible";

export function LineOf({ serial }: { serial: string }) {
  const { currentData: line, error } = useLineQuery(serial);
  if (error) return <ProblemAlert problem={error} doing="Following the renewals" />;
  if (!line) return <Skeleton screenreaderText="Following the renewals" />;
  if (line.certificates.length === 1) {
    return <p>It replaced none, and none has replaced it.</p>;
  }
  return (
    <>
      {line.more && <Alert variant="info" isInline isPlain title="The line is longer: ten before and ten after this one are shown." />}
      <Table role="table" aria-label="Renewals, oldest first" variant="compact" gridBreakPoint="">
        <Thead>
          <Tr>
            <Th>Name</Th>
            <Th>Status</Th>
            <Th>Begins</Th>
            <Th>Ends</Th>
            <Th className="ql-column-service">Node</Th>
            <Th className="ql-column-serial">Serial</Th>
          </Tr>
        </Thead>
        <Tbody>
          {line.certificates.map((certificate) => (
            <Tr key={certificate.serial} aria-current={certificate.serial === serial ? "true" : undefined}>
              <Td>{certificate.serial === serial ? <strong>this one</strong> : <Names certificate={certificate} />}</Td>
              <Td>
                <StandingLabel certificate={certificate} />
              </Td>
              <Td>
                <Moment at={certificate.not_before} form="row" />
              </Td>
              <Td>
                <Moment at={certificate.not_after} form="row" />
              </Td>
              <Td className="ql-column-service">{visible(certificate.node ?? "")}</Td>
              <Td className="ql-column-serial">
                <code>{shortSerial(certificate.serial)}</code>
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </>
  );
}
