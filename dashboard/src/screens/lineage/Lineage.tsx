// The certificates of a service over time: a lane for each node, gaps and overlaps in sight, and in words what is wrong. Renewed certificates
// change their serials; a service and its nodes stay.
import { Alert, Button, EmptyState, EmptyStateBody, Form, FormGroup, Label, Skeleton, TextInput } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import InfoCircleIcon from "@patternfly/react-icons/dist/esm/icons/info-circle-icon";
import SearchIcon from "@patternfly/react-icons/dist/esm/icons/search-icon";
import { useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCountsQuery, useLineageQuery } from "../../api/inventory";
import { isProblem } from "../../api/problem";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useNow } from "../../components/now";
import { useMay } from "../../session/rights";
import { lineageCommands, serviceCommand } from "../../text/commands";
import { iso } from "../../text/time";
import { visible } from "../../text/visible";
import { lanesOf, type Finding } from "./lanes";
import { Strip, type Span } from "./Strip";

const kNames = 3;
const kFindings = 4;
const kLongest = 400 * 86_400_000; // milliseconds that are drawn

export default function Lineage() {
  const [search] = useSearchParams();
  const service = search.get("service") ?? "";
  return (
    <Screen
      title="Lineage"
      heading={
        service ? (
          <>
            Lineage of <span className="ql-name">{visible(service)}</span>
          </>
        ) : (
          "Lineage"
        )
      }
      actions={service ? <CopyAs commands={lineageCommands(service)} /> : undefined}
    >
      {service ? <Service key={service} service={service} /> : <Choose />}
    </Screen>
  );
}

function Service({ service }: { service: string }) {
  const now = useNow();
  const { currentData: answer, error, refetch } = useLineageQuery({ service }, { pollingInterval: 30_000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 5 });
  const lanes = useMemo(() => lanesOf(answer?.nodes ?? [], now), [answer, now]);
  const span: Span = useMemo(() => {
    const bars = lanes.flatMap((lane) => lane.bars);
    const last = Math.max(now, ...bars.map(({ until }) => until));
    const first = Math.min(now, ...bars.map(({ from }) => from));
    return { from: Math.max(first, last - kLongest), until: last };
  }, [lanes, now]);
  const isUnknown = isProblem(error) && error.status === 404;

  return (
    <>
      {error !== undefined && !isUnknown && <ProblemAlert problem={error} doing="Showing the lineage" retry={() => void refetch()} />}
      {!answer && error === undefined && <Skeleton screenreaderText="Loading the service's certificates" />}
      {answer?.next !== undefined && <Alert variant="info" isInline isPlain title="The newest 500 certificates are drawn; there are older ones." />}
      {answer?.forgotten_before !== undefined && (
        <p className="ql-muted">
          What ended before <Moment at={answer.forgotten_before} form="row" /> is in the log alone.
        </p>
      )}
      {(isUnknown || answer?.nodes.length === 0) && (
        <EmptyState titleText="No certificate of this service" headingLevel="h2" icon={SearchIcon} variant="sm">
          <EmptyStateBody>
            A service is what <code>quicklime issue --service NAME --node NODE</code> recorded. <Link to="/lineage">Another service</Link>
          </EmptyStateBody>
        </EmptyState>
      )}
      {lanes.length > 0 && (
        <ul className="ql-lanes" aria-label="Lanes, what needs somebody first">
          {lanes.map((lane) => (
            <li key={lane.node} className="ql-lane">
              <div className="ql-lane-name">
                <strong>{lane.node ? visible(lane.node) : "no node recorded"}</strong>
                <span className="ql-muted">{lane.names.slice(0, kNames).map(visible).join(", ") + (lane.names.length > kNames ? ` +${lane.names.length - kNames}` : "")}</span>
              </div>
              <Strip lane={lane} span={span} now={now} />
              <ul className="ql-lane-findings">
                {lane.findings.every(({ kind }) => kind === "gap" || kind === "overlap") && (
                  <li>
                    <Label color="green" isCompact icon={<CheckCircleIcon />}>
                      covered
                    </Label>
                  </li>
                )}
                {lane.findings.slice(0, kFindings).map((finding, index) => (
                  <Found key={index} finding={finding} />
                ))}
                {lane.findings.length > kFindings && <li className="ql-muted">and {lane.findings.length - kFindings} more</li>}
              </ul>
            </li>
          ))}
        </ul>
      )}
      {lanes.length > 0 && (
        <p className="ql-legend">
          <span className="ql-key ql-key-live" aria-hidden /> valid <span className="ql-key ql-key-replaced" aria-hidden /> replaced by a renewal{" "}
          <span className="ql-key ql-key-due" aria-hidden /> renewal due or on hold <span className="ql-key ql-key-over" aria-hidden /> revoked or expired{" "}
          <span className="ql-key ql-key-gap" aria-hidden /> no certificate. The line is now.
        </p>
      )}
    </>
  );
}

const kLooks = {
  ended: { color: "red", Icon: ExclamationCircleIcon, word: "without a certificate" },
  overdue: { color: "orange", Icon: ExclamationTriangleIcon, word: "renewal overdue" },
  gap: { color: "grey", Icon: InfoCircleIcon, word: "gap" },
  overlap: { color: "blue", Icon: InfoCircleIcon, word: "two are good" },
} as const;

function Found({ finding: { kind, from, until } }: { finding: Finding }) {
  const { color, Icon, word } = kLooks[kind];
  const at = (instant: number) => <Moment at={iso(instant)} form="row" />;
  return (
    <li>
      <Label color={color} isCompact icon={<Icon />}>
        {word}
      </Label>{" "}
      {kind === "ended" && <>since {at(from)}</>}
      {kind === "overdue" && until !== undefined && <>since {at(from)}; nothing has replaced what ends {at(until)}</>}
      {kind === "gap" && until !== undefined && (
        <>
          from {at(from)} to {at(until)}
        </>
      )}
      {kind === "overlap" && until !== undefined && <>until {at(until)}: renewed, and the one before holds still</>}
    </li>
  );
}

// A service that is typed, or one of those that there are.
function Choose() {
  const [, setSearch] = useSearchParams();
  const [text, setText] = useState("");
  const mayCount = useMay("count");
  return (
    <>
      <Form
        className="ql-choose"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) setSearch({ service: text.trim() });
        }}
      >
        <FormGroup label="Service" fieldId="service">
          <div className="ql-field-and-button">
            <TextInput id="service" value={text} onChange={(_event, value) => setText(value)} spellCheck="false" placeholder="api" />
            <Button type="submit" isDisabled={text.trim() === ""}>
              Show
            </Button>
          </div>
        </FormGroup>
      </Form>
      {mayCount && <Services />}
    </>
  );
}

function Services() {
  const { data, error } = useCountsQuery({ by: "service", limit: 500 }, { refetchOnMountOrArgChange: 5 });
  if (error) return <ProblemAlert problem={error} doing="Counting services" />;
  if (!data) return <Skeleton screenreaderText="Counting services" />;
  if (data.values.length === 0) {
    return (
      <EmptyState titleText="No certificate says whose it is" headingLevel="h2" icon={SearchIcon} variant="sm">
        <EmptyStateBody>
          <p>A service and its nodes are recorded when a certificate is issued; renewals keep them.</p>
          <Code label="Copy the command">{serviceCommand()}</Code>
        </EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <section>
      <h2 className="ql-subtitle">Services, by how many certificates they have</h2>
      <ul className="ql-cards" aria-label="Services">
        {data.values.map(({ value, count }) => (
          <li key={value}>
            <Link to={`/lineage?service=${encodeURIComponent(value)}`}>{visible(value)}</Link> <span className="ql-muted">{count.toLocaleString()}</span>
          </li>
        ))}
      </ul>
      {data.next !== undefined && <p className="ql-muted">The 500 that have most; type the name of another.</p>}
    </section>
  );
}
