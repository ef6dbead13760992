// The log and how far the view of every role is behind it. A view is folded anew where it lies: the page shows how far it has come.
import { Card, CardBody, CardTitle, Progress, ProgressMeasureLocation, Skeleton } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link } from "react-router";
import { useVersionQuery } from "../../api/api";
import { useHealthQuery } from "../../api/inventory";
import type { RoleHealth } from "../../api/types";
import { Code } from "../../components/Code";
import { Copied } from "../../components/Copy";
import { CopyAs } from "../../components/CopyAs";
import { Fact, Facts } from "../../components/Fact";
import { Lamp } from "../../components/Lamp";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { systemCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { isFailing } from "../../text/health";

const kPolling = { pollingInterval: 2000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 1 };

export default function System() {
  const { data, error, refetch } = useHealthQuery(undefined, kPolling);
  const { data: version } = useVersionQuery();
  const behind = data?.roles.filter(({ state }) => state !== "current") ?? [];
  return (
    <Screen title="System" actions={<CopyAs commands={systemCommands()} />}>
      <div className="ql-stack">
        {error !== undefined && <ProblemAlert problem={error} doing="Asking how far the views are" retry={() => void refetch()} />}
        {!data && error === undefined && <Skeleton screenreaderText="Asking how far the views are" />}
        {data && (
          <>
            <Card>
              <CardTitle component="h2">The log</CardTitle>
              <CardBody>
                <Facts>
                  <Fact term="Newest event">
                    <Copied text={data.end} label="Copy the position" /> <Link to="/events">what happens</Link>
                  </Fact>
                  <Fact term="Views">
                    {behind.length === 0 ? `all ${data.roles.length} hold all of it` : `${data.roles.length - behind.length} of ${data.roles.length} hold all of it`}
                  </Fact>
                  {version && <Fact term="Version">{visible(version.version)}</Fact>}
                </Facts>
              </CardBody>
            </Card>
            <Table role="table" aria-label="Views" variant="compact" gridBreakPoint="grid-md">
              <Thead>
                <Tr>
                  <Th>Role</Th>
                  <Th>State</Th>
                  <Th>Has come to</Th>
                  <Th>Behind</Th>
                  <Th>Knew all</Th>
                </Tr>
              </Thead>
              <Tbody>
                {data.roles.map((role) => (
                  <Row key={role.role} role={role} end={data.end} />
                ))}
              </Tbody>
            </Table>
          </>
        )}
        <Card>
          <CardTitle component="h2">Fold a view anew, verify the log</CardTitle>
          <CardBody>
            <p>
              Every view is made of the log alone. One that is wrong is folded again from its first event; nothing is lost by it. Where the server does not run (in a cluster, <code>quicklime-projector-ROLE rebuild</code>):
            </p>
            <Code label="Copy the command that folds all views anew">quicklime views rebuild</Code>
            <p>Whether every event is as it was written, and what the views have come to:</p>
            <Code label="Copy the commands that verify">{"quicklime log verify\nquicklime views status"}</Code>
            <p className="ql-muted">While a view is being folded it is behind, and the bar above shows how far it has come.</p>
          </CardBody>
        </Card>
      </div>
    </Screen>
  );
}

function Row({ role: { role, state, position, lag, age_seconds, problem }, end }: { role: RoleHealth; end: string }) {
  const offset = (text: string | undefined) => Number(text?.split(".")[1] ?? 0);
  const whole = offset(end);
  return (
    <Tr>
      <Td dataLabel="Role">
        <strong>{visible(role)}</strong>
        {problem !== undefined && <div>{visible(problem)}</div>}
      </Td>
      <Td dataLabel="State">
        <Lamp state={state} />
      </Td>
      <Td dataLabel="Has come to">
        {position === undefined ? (
          "not known"
        ) : (
          <Progress
            className="ql-progress"
            value={whole === 0 ? 100 : Math.min(100, (offset(position) / whole) * 100)}
            label={position}
            valueText={`${position} of ${end}`}
            aria-label={`Position of ${role}`}
            measureLocation={ProgressMeasureLocation.outside}
            size="sm"
            {...(isFailing(state) ? { variant: "danger" as const } : state === "behind" ? { variant: "warning" as const } : {})}
          />
        )}
      </Td>
      <Td dataLabel="Behind">{lag === undefined ? "" : lag === 0 ? "nothing" : `${lag.toLocaleString()} ${lag === 1 ? "event" : "events"}`}</Td>
      <Td dataLabel="Knew all">{age_seconds === undefined ? "" : age_seconds < 1 ? "now" : `${Math.round(age_seconds).toLocaleString()} s ago`}</Td>
    </Tr>
  );
}
