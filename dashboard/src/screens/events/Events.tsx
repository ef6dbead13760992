// The log as it grows: what happened last on top, each with its position. Pausing stops the picture, not the stream.
import { Button, FormSelect, FormSelectOption, Label, Modal, ModalBody, ModalHeader, Skeleton, Toolbar, ToolbarContent, ToolbarItem } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import OutlinedClockIcon from "@patternfly/react-icons/dist/esm/icons/outlined-clock-icon";
import PauseCircleIcon from "@patternfly/react-icons/dist/esm/icons/pause-circle-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { Link } from "react-router";
import { useEventsQuery } from "../../api/api";
import type { LogEvent } from "../../api/types";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { eventCommands } from "../../text/commands";
import { shortSerial } from "../../text/serial";
import { visible } from "../../text/visible";

const kShown = 200;
const kKinds = [
  { value: "", name: "Everything" },
  { value: "certificate", name: "Certificates" },
  { value: "request", name: "Denials" },
  { value: "crl", name: "CRLs" },
  { value: "token", name: "Tokens" },
  { value: "authority", name: "Authorities" },
];

export default function Events() {
  const { data: live, error, refetch } = useEventsQuery();
  const [paused, setPaused] = useState<readonly LogEvent[] | null>(null);
  const [kind, setKind] = useState("");
  const [open, setOpen] = useState<LogEvent | null>(null);
  const all = paused ?? live?.events ?? [];
  const events = all.filter((event) => kind === "" || event.type.startsWith(`${kind}.`)).slice(0, kShown);
  const waiting = paused && live ? live.events.findIndex((event) => event.id === paused[0]?.id) : 0;
  return (
    <Screen title="Live events" actions={<CopyAs commands={eventCommands()} />}>
      <Toolbar>
        <ToolbarContent>
          <ToolbarItem className="ql-filter">
            <FormSelect aria-label="Kind" value={kind} onChange={(_event, value) => setKind(value)}>
              {kKinds.map(({ value, name }) => (
                <FormSelectOption key={value} value={value} label={name} />
              ))}
            </FormSelect>
          </ToolbarItem>
          <ToolbarItem>
            <Button variant="secondary" onClick={() => setPaused(paused ? null : (live?.events ?? []))}>
              {paused ? "Continue" : "Pause"}
            </Button>
          </ToolbarItem>
          <ToolbarItem alignSelf="center">
            <span role="status">
              {paused ? (
                <Label color="yellow" icon={<PauseCircleIcon />}>
                  paused{waiting > 0 && `, ${waiting} new`}
                </Label>
              ) : live?.isConnected ? (
                <Label color="green" icon={<CheckCircleIcon />}>
                  live
                </Label>
              ) : (
                <Label color="blue" icon={<OutlinedClockIcon />}>
                  connecting
                </Label>
              )}
            </span>
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      {error !== undefined && <ProblemAlert problem={error} doing="Listing events" retry={() => void refetch()} />}
      {!live && error === undefined && <Skeleton screenreaderText="Loading events" />}
      {live && (
        <Table role="table" aria-label="Events, newest first" variant="compact" gridBreakPoint="grid-md">
          <Thead>
            <Tr>
              <Th>Position</Th>
              <Th>When</Th>
              <Th>What</Th>
              <Th>About</Th>
              <Th>By</Th>
            </Tr>
          </Thead>
          <Tbody>
            {events.map((event) => (
              <Tr key={event.id}>
                <Td dataLabel="Position">
                  <Button variant="link" isInline onClick={() => setOpen(event)} aria-label={`Event ${event.position}`}>
                    {event.position}
                  </Button>
                </Td>
                <Td dataLabel="When">
                  <Moment at={event.time} form="row" />
                </Td>
                <Td dataLabel="What">
                  <code>{visible(event.type)}</code>
                </Td>
                <Td dataLabel="About">
                  <About event={event} />
                </Td>
                <Td dataLabel="By">
                  {visible(event.actor.kind)}:{visible(event.actor.id)}
                  {event.on_behalf_of !== undefined && <span className="ql-muted"> for {visible(event.on_behalf_of)}</span>}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
      {live && (
        <p className="ql-count">
          {events.length === 0 ? "None of this kind among the newest" : `The newest ${events.length}`}
          {live.isCut && ". The whole log: quicklime log tail"}
        </p>
      )}
      {open && (
        <Modal variant="medium" isOpen onClose={() => setOpen(null)} aria-labelledby="event-title">
          <ModalHeader title={`Event ${open.position}`} labelId="event-title" />
          <ModalBody tabIndex={0} role="region" aria-label="The event">
            <Code label="Copy the event">{visibleJson(open)}</Code>
          </ModalBody>
        </Modal>
      )}
    </Screen>
  );
}

// JSON keeps line ends and quotes; what hides or turns text is written out in it as everywhere.
const visibleJson = (event: LogEvent) => JSON.stringify(event, null, 2).split("\n").map(visible).join("\n");

function About({ event }: { event: LogEvent }) {
  if (event.subject === undefined) return null;
  if (/^certificate\./.test(event.type) && /^[0-9a-f]{6,40}$/.test(event.subject)) {
    return (
      <Link to={`/certificates/${event.subject}`} title={event.subject}>
        {shortSerial(event.subject)}
      </Link>
    );
  }
  return <span title={visible(event.subject)}>{visible(shortSerial(event.subject))}</span>;
}
