// The log as it grows: what happened last on top, each with its position. Pausing stops the picture, not the stream.
import { Alert, Button, FormSelect, FormSelectOption, Label, Modal, ModalBody, ModalHeader, Skeleton, TextInput, Toolbar, ToolbarContent, ToolbarItem } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import OutlinedClockIcon from "@patternfly/react-icons/dist/esm/icons/outlined-clock-icon";
import PauseCircleIcon from "@patternfly/react-icons/dist/esm/icons/pause-circle-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useEventsQuery } from "../../api/api";
import { useEventsAfterQuery } from "../../api/inventory";
import { isPosition } from "../../api/position";
import type { LogEvent } from "../../api/types";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { eventCommands } from "../../text/commands";
import { aboutOf, wordOf } from "../../text/events";
import { visible } from "../../text/visible";

const kShown = 200;
const kKinds = [
  { value: "", name: "Everything" },
  { value: "certificate", name: "Certificates" },
  { value: "request", name: "Denials" },
  { value: "crl", name: "CRLs" },
  { value: "token", name: "Tokens" },
  { value: "authority", name: "Authorities" },
  { value: "session", name: "Sessions" },
  { value: "user", name: "Users" },
  { value: "rule", name: "Rules" },
];

export default function Events() {
  const [search, setSearch] = useSearchParams();
  const given = search.get("after");
  const go = (after: string) => setSearch({ after });
  return (
    <Screen title="Live events" actions={<CopyAs commands={eventCommands(isPosition(given) ? given : undefined)} />}>
      {isPosition(given) ? <Past after={given} leave={() => setSearch({})} /> : <Now go={go} />}
    </Screen>
  );
}

function Now({ go }: { go: (after: string) => void }) {
  const { data: live, error, refetch } = useEventsQuery();
  const [paused, setPaused] = useState<readonly LogEvent[] | null>(null);
  const [kind, setKind] = useState("");
  const all = paused ?? live?.events ?? [];
  const events = all.filter((event) => kind === "" || event.type.startsWith(`${kind}.`)).slice(0, kShown);
  const waiting = paused && live ? live.events.findIndex((event) => event.id === paused[0]?.id) : 0;
  return (
    <>
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
          <ToolbarItem>
            <FromPosition go={go} />
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
      {live && <EventTable events={events} label="Events, newest first" />}
      {live && (
        <p className="ql-count">
          {events.length === 0 ? "None of this kind among the newest" : `The newest ${events.length}`}
          {live.isCut && ". The whole log: quicklime log tail"}
        </p>
      )}
    </>
  );
}

function EventTable({ events, label }: { events: readonly LogEvent[]; label: string }) {
  const [open, setOpen] = useState<LogEvent | null>(null);
  return (
    <>
      <Table role="table" aria-label={label} variant="compact" gridBreakPoint="grid-md">
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
                {wordOf(event)} <code className="ql-muted">{visible(event.type)}</code>
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
      {open && (
        <Modal variant="medium" isOpen onClose={() => setOpen(null)} aria-labelledby="event-title">
          <ModalHeader title={`Event ${open.position}`} labelId="event-title" />
          <ModalBody tabIndex={0} role="region" aria-label="The event">
            <Code label="Copy the event">{visibleJson(open)}</Code>
          </ModalBody>
        </Modal>
      )}
    </>
  );
}

// What happened behind a position, oldest first: where a step of a history, or somebody's report, leads to.
function Past({ after, leave }: { after: string; leave: () => void }) {
  const { currentData: page, error, refetch } = useEventsAfterQuery(after);
  const last = page?.events.at(-1)?.position;
  return (
    <>
      <Alert
        variant="info"
        isInline
        title={`What happened behind position ${visible(after)}, oldest first`}
        actionLinks={
          <Button variant="link" isInline onClick={leave}>
            Back to what happens now
          </Button>
        }
      />
      {error !== undefined && <ProblemAlert problem={error} doing="Listing events" retry={() => void refetch()} />}
      {!page && error === undefined && <Skeleton screenreaderText="Loading events" />}
      {page && <EventTable events={page.events} label="Events, oldest first" />}
      {page && <p className="ql-count">{page.events.length === 0 ? "Nothing has happened since." : page.next !== undefined && last !== undefined && <Link to={`/events?after=${last}`}>What came then</Link>}</p>}
    </>
  );
}

function FromPosition({ go }: { go: (after: string) => void }) {
  const [text, setText] = useState("");
  const isReady = isPosition(text.trim());
  return (
    <form
      className="ql-field-and-button"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) go(text.trim());
      }}
    >
      <TextInput className="ql-position" aria-label="Position" placeholder="from 0.512" value={text} onChange={(_event, value) => setText(value)} />
      <Button type="submit" variant="secondary" isDisabled={!isReady}>
        Go
      </Button>
    </form>
  );
}

// JSON keeps line ends and quotes; what hides or turns text is written out in it as everywhere.
const visibleJson = (event: LogEvent) => JSON.stringify(event, null, 2).split("\n").map(visible).join("\n");

function About({ event }: { event: LogEvent }) {
  const about = aboutOf(event);
  if (!about) return null;
  if (about.link === undefined) return <span title={visible(about.whole)}>{visible(about.text)}</span>;
  return (
    <Link to={about.link} title={about.whole}>
      {visible(about.text)}
    </Link>
  );
}
