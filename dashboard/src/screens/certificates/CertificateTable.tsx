// Rows of certificates: only those in sight are in the document, however many there are, and the next page is asked for
// before its rows are reached. aria-rowcount and aria-rowindex say where one is among those that are loaded.
import { Label } from "@patternfly/react-core";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { CertificateRow } from "../../api/rows";
import { CopyButton } from "../../components/Copy";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { StandingLabel } from "../../components/StandingLabel";
import { shortSerial } from "../../text/serial";
import { visible } from "../../text/visible";

const kRowHeight = 49; // as .ql-rows says
const kAhead = 30; // rows before the end at which the next page is asked for

interface Props {
  rows: readonly CertificateRow[];
  hasMore: boolean;
  isAsking: boolean;
  askMore: () => void;
}

export function CertificateTable({ rows, hasMore, isAsking, askMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 12,
    initialRect: { width: 1000, height: 800 },
  });
  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const isNearEnd = (last?.index ?? 0) >= rows.length - kAhead;
  useEffect(() => {
    if (isNearEnd && hasMore && !isAsking) askMore();
  }, [isNearEnd, hasMore, isAsking, askMore]);

  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="ql-rows" ref={scroller} role="region" aria-label="Certificates, scrolls" tabIndex={0}>
      <Table role="table" aria-label="Certificates" variant="compact" gridBreakPoint="" isStickyHeader aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <Thead>
          <Tr aria-rowindex={1}>
            <Th className="ql-column-name">Name</Th>
            <Th className="ql-column-status">Status</Th>
            <Th className="ql-column-ends">Ends</Th>
            <Th className="ql-column-service">Service</Th>
            <Th className="ql-column-profile">Profile</Th>
            <Th className="ql-column-authority">Issuer</Th>
            <Th className="ql-column-serial">Serial</Th>
          </Tr>
        </Thead>
        <Tbody>
          <Gap height={first?.start ?? 0} />
          {items.map(({ index }) => {
            const row = rows[index];
            return row && <Row key={row.serial ?? index} row={row} index={index} />;
          })}
          <Gap height={virtual.getTotalSize() - (last?.end ?? 0)} />
        </Tbody>
      </Table>
    </div>
  );
}

function Gap({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden className="ql-gap" style={{ height }} /> : null;
}

function Row({ row, index }: { row: CertificateRow; index: number }) {
  if (!row.readable) {
    return (
      <Tr aria-rowindex={index + 2}>
        <Td colSpan={7} className="ql-unreadable">
          <Label color="orange" icon={<ExclamationCircleIcon />}>
            cannot be read
          </Label>{" "}
          {row.serial && <code>{visible(shortSerial(row.serial))}</code>} <CopyButton text={row.raw} label="Copy what the server sent" />
        </Td>
      </Tr>
    );
  }
  const { certificate, serial } = row;
  return (
    <Tr aria-rowindex={index + 2}>
      <Td className="ql-column-name">
        <Names certificate={certificate} />
      </Td>
      <Td className="ql-column-status">
        <StandingLabel certificate={certificate} />
      </Td>
      <Td className="ql-column-ends">
        <Moment at={certificate.not_after} form="row" />
      </Td>
      <Td className="ql-column-service" title={[certificate.service, certificate.node].filter(Boolean).map((text) => visible(text ?? "")).join(" / ")}>
        {certificate.service !== undefined && visible(certificate.service)}
        {certificate.node !== undefined && <span className="ql-muted"> / {visible(certificate.node)}</span>}
      </Td>
      <Td className="ql-column-profile">{visible(certificate.profile)}</Td>
      <Td className="ql-column-authority">{visible(certificate.authority)}</Td>
      <Td className="ql-column-serial">
        <code title={serial}>{shortSerial(serial)}</code> <CopyButton text={serial} label="Copy the serial" />
      </Td>
    </Tr>
  );
}
