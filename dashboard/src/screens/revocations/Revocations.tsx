// What was taken back, newest first, and what of it has reached those who ask: the list, the responder, the CRL. What is
// to be taken back is looked up here, too.
import { Button, EmptyState, EmptyStateBody, Form, FormGroup, Label, Skeleton, TextInput } from "@patternfly/react-core";
import BanIcon from "@patternfly/react-icons/dist/esm/icons/ban-icon";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import HourglassHalfIcon from "@patternfly/react-icons/dist/esm/icons/hourglass-half-icon";
import PauseCircleIcon from "@patternfly/react-icons/dist/esm/icons/pause-circle-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { skipToken } from "@reduxjs/toolkit/query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAuthoritiesQuery, useCertificateQuery } from "../../api/api";
import { useHealthQuery, useRevocationsQuery } from "../../api/inventory";
import { useOcspQuery } from "../../api/ocsp";
import { isAtLeast } from "../../api/position";
import type { Health, LogEvent, Reason } from "../../api/types";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { Help } from "../../components/Help";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { revocationCommands, revokeCommands } from "../../text/commands";
import { knowsOf } from "../../text/health";
import { reasonTitle } from "../../text/reasons";
import { shortSerial } from "../../text/serial";
import { visible } from "../../text/visible";

const kPolling = { pollingInterval: 5000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 1 };
const kNamed = 25; // rows whose certificates are looked up
const kAsked = 5; // rows of which the responder is asked

export default function Revocations() {
  const { data, error, refetch } = useRevocationsQuery(undefined, kPolling);
  const { data: health } = useHealthQuery(undefined, kPolling);
  const mayRevoke = useMay("revoke");
  return (
    <Screen title="Revocations" actions={<CopyAs commands={revocationCommands()} />}>
      {mayRevoke && <Find />}
      {error !== undefined && <ProblemAlert problem={error} doing="Listing revocations" retry={() => void refetch()} />}
      {!data && error === undefined && <Skeleton screenreaderText="Loading revocations" />}
      {data?.events.length === 0 && (
        <EmptyState titleText="Nothing has been revoked" headingLevel="h2" icon={CheckCircleIcon} variant="sm">
          <EmptyStateBody>
            <p>A certificate is revoked from its own page, or by a command:</p>
            <Code label="Copy the command">{revokeCommands("SERIAL", "superseded", false, false).cli ?? ""}</Code>
          </EmptyStateBody>
        </EmptyState>
      )}
      {data && data.events.length > 0 && (
        <Table role="table" aria-label="Revocations, newest first" variant="compact" gridBreakPoint="grid-lg">
          <Thead>
            <Tr>
              <Th>When</Th>
              <Th>What</Th>
              <Th>Certificate</Th>
              <Th>Why</Th>
              <Th>By</Th>
              <Th>Who hears of it</Th>
            </Tr>
          </Thead>
          <Tbody>
            {data.events.map((event, index) => (
              <Tr key={event.id}>
                <Td dataLabel="When">
                  <Moment at={event.time} form="row" />
                </Td>
                <Td dataLabel="What">
                  <What type={event.type} />
                </Td>
                <Td dataLabel="Certificate">
                  <Which serial={event.subject ?? ""} isLookedUp={index < kNamed} />
                </Td>
                <Td dataLabel="Why">{event.type === "certificate.revoked" ? visible(reasonTitle(event.data.reason as Reason | undefined)) : ""}</Td>
                <Td dataLabel="By">{visible(event.actor.id)}</Td>
                <Td dataLabel="Who hears of it">{health && <Reached event={event} health={health} isAsked={isNewest(data.events, index)} />}</Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
      {data?.next !== undefined && (
        <p className="ql-count">
          The newest {data.events.length}. <Link to="/certificates?status=revoked">All that are revoked</Link>
        </p>
      )}
    </Screen>
  );
}

// The responder says how a certificate stands now: only its newest event can be compared with that.
const isNewest = (events: readonly LogEvent[], index: number) => index < kAsked && events.findIndex(({ subject }) => subject === events[index]?.subject) === index;

// The certificate that is to be revoked: found by whatever is known of it.
function Find() {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  return (
    <Form
      className="ql-choose"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) void navigate(`/certificates?search=${encodeURIComponent(text.trim())}`);
      }}
    >
      <FormGroup label="Revoke which?" fieldId="revoke-which">
        <div className="ql-field-and-button">
          <TextInput id="revoke-which" value={text} spellCheck="false" onChange={(_event, value) => setText(value)} placeholder="Name, .domain, serial, fingerprint" />
          <Button type="submit" isDisabled={text.trim() === ""}>
            Find it
          </Button>
        </div>
        <Help>On its page you say why, and see the effect before it happens.</Help>
      </FormGroup>
    </Form>
  );
}

function What({ type }: { type: string }) {
  if (type === "certificate.held") return <Label color="yellow" icon={<PauseCircleIcon />}>on hold</Label>;
  if (type === "certificate.released") return <Label color="green" icon={<CheckCircleIcon />}>released</Label>;
  return <Label color="red" icon={<BanIcon />}>revoked</Label>;
}

function Which({ serial, isLookedUp }: { serial: string; isLookedUp: boolean }) {
  const { data } = useCertificateQuery({ serial }, { skip: !isLookedUp });
  if (data) return <Names certificate={data} />;
  return (
    <Link to={`/certificates/${serial}`} title={serial}>
      <code>{shortSerial(visible(serial))}</code>
    </Link>
  );
}

// What is behind the event does not know of it; the responder is asked, as any client asks it.
function Reached({ event, health, isAsked }: { event: LogEvent; health: Health; isAsked: boolean }) {
  const authority = (event.data as { authority?: string }).authority;
  const crl = health.crls.find((one) => one.authority === authority);
  const { data: authorities } = useAuthoritiesQuery(undefined, { skip: !isAsked });
  const issuer = authorities?.authorities.find(({ id }) => id === authority)?.certificate;
  const { data: ocsp } = useOcspQuery(!isAsked || issuer === undefined || event.subject === undefined ? skipToken : { serial: event.subject, issuer }, kPolling);
  const steps = [
    { name: "list", isDone: isAtLeast(health.position, event.position) },
    ...(ocsp ? [{ name: "OCSP", isDone: (ocsp.status === "revoked") === (event.type !== "certificate.released") }] : []),
    { name: "CRL", isDone: crl !== undefined && knowsOf(crl, event.position) },
  ];
  return (
    <ul className="ql-steps" aria-label={`Who hears of ${event.position}`}>
      {steps.map(({ name, isDone }) => (
        <li key={name}>
          <Label isCompact variant="outline" color={isDone ? "green" : "grey"} icon={isDone ? <CheckCircleIcon /> : <HourglassHalfIcon />}>
            {name}
            {!isDone && " not yet"}
          </Label>
        </li>
      ))}
    </ul>
  );
}
