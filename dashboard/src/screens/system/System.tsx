// The log, and how far the view that this page shows is behind it; what the views of other roles have come to is asked where
// they are. A view is folded anew where it lies: of this one the page shows how far it has come.
import { Card, CardBody, CardTitle, Progress, ProgressMeasureLocation, Skeleton } from "@patternfly/react-core";
import { Link } from "react-router";
import { useVersionQuery } from "../../api/api";
import { useHealthQuery } from "../../api/inventory";
import { Code } from "../../components/Code";
import { Copied } from "../../components/Copy";
import { CopyAs } from "../../components/CopyAs";
import { Fact, Facts } from "../../components/Fact";
import { Lamp } from "../../components/Lamp";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { systemCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { endOfLog, viewState } from "../../text/health";

const kPolling = { pollingInterval: 2000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 1 };

export default function System() {
  const { data, error, refetch } = useHealthQuery(undefined, kPolling);
  const { data: version } = useVersionQuery();
  const end = data ? endOfLog(data) : "";
  return (
    <Screen title="System" actions={<CopyAs commands={systemCommands()} />}>
      <div className="ql-stack">
        {error !== undefined && <ProblemAlert problem={error} doing="Asking how far the view is" retry={() => void refetch()} />}
        {!data && error === undefined && <Skeleton screenreaderText="Asking how far the view is" />}
        {data && (
          <Card>
            <CardTitle component="h2">
              The inventory, and the log <Lamp state={viewState(data)} />
            </CardTitle>
            <CardBody>
              <Facts>
                <Fact term="Newest event">
                  <Copied text={end} label="Copy the position" /> <Link to="/events">what happens</Link>
                </Fact>
                <Fact term="Has come to">
                  <Progress
                    className="ql-progress"
                    value={share(data.position, end)}
                    label={data.position}
                    valueText={`${data.position} of ${end}`}
                    aria-label="Position of the inventory"
                    measureLocation={ProgressMeasureLocation.outside}
                    size="sm"
                    {...(viewState(data) === "behind" ? { variant: "warning" as const } : {})}
                  />
                </Fact>
                <Fact term="Behind">{data.lag === 0 ? "nothing" : `${data.lag.toLocaleString()} ${data.lag === 1 ? "event" : "events"}`}</Fact>
                <Fact term="Knew all">{data.age_seconds < 1 ? "now" : `${Math.round(data.age_seconds).toLocaleString()} s ago`}</Fact>
                {version && <Fact term="Version">{visible(version.version)}</Fact>}
              </Facts>
            </CardBody>
          </Card>
        )}
        <Card>
          <CardTitle component="h2">Fold a view anew, verify the log</CardTitle>
          <CardBody>
            <p>
              Every view is made of the log alone. One that is wrong is folded again from its first event; nothing is lost by it. Where the server does not run (in a cluster, <code>quicklime-projector-ROLE rebuild</code>):
            </p>
            <Code label="Copy the command that folds all views anew">quicklime views rebuild</Code>
            <p>Whether every event is as it was written, and what the view of every role has come to:</p>
            <Code label="Copy the commands that verify">{"quicklime log verify\nquicklime views status"}</Code>
            <p className="ql-muted">While the inventory is being folded it is behind, and the bar above shows how far it has come.</p>
          </CardBody>
        </Card>
      </div>
    </Screen>
  );
}

// How much of the log it is, in percent.
function share(position: string, end: string): number {
  const offset = (text: string) => Number(text.split(".")[1] ?? 0);
  return offset(end) === 0 ? 100 : Math.min(100, (offset(position) / offset(end)) * 100);
}
