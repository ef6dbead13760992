// The certificates of a service over time: a lane for each name on each node, gaps and overlaps in sight, and in words what
// is wrong. Renewed certificates change their serials; a service and its nodes stay.
import { Alert, Button, EmptyState, EmptyStateBody, Form, FormGroup, Label, Skeleton, TextInput } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import InfoCircleIcon from "@patternfly/react-icons/dist/esm/icons/info-circle-icon";
import SearchIcon from "@patternfly/react-icons/dist/esm/icons/search-icon";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCertificatesInfiniteQuery } from "../../api/api";
import { CopyAs } from "../../components/CopyAs";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useNow } from "../../components/now";
import { listCommands } from "../../text/commands";
import { readable } from "../../text/rows";
import { iso } from "../../text/time";
import { visible } from "../../text/visible";
import { lanesOf, type Finding } from "./lanes";
import { Strip, type Span } from "./Strip";

const kPages = 4; // of 500: the newest
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
      actions={service ? <CopyAs commands={listCommands({ service })} /> : undefined}
    >
      {service ? <Service key={service} service={service} /> : <Choose />}
    </Screen>
  );
}

function Service({ service }: { service: string }) {
  const now = useNow();
  const list = useCertificatesInfiniteQuery({ service, limit: 500 }, { pollingInterval: 30_000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 5 });
  const { fetchNextPage, hasNextPage, isFetching, isError } = list;
  const count = list.data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && count > 0 && count < kPages) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching, isError, count]);
  const certificates = useMemo(() => readable(list.data?.pages), [list.data]);
  const lanes = useMemo(() => lanesOf(certificates, now), [certificates, now]);
  const span: Span = useMemo(() => {
    const bars = lanes.flatMap((lane) => lane.bars);
    const last = Math.max(now, ...bars.map(({ until }) => until));
    const first = Math.min(now, ...bars.map(({ from }) => from));
    return { from: Math.max(first, last - kLongest), until: last };
  }, [lanes, now]);

  return (
    <>
      {list.error !== undefined && <ProblemAlert problem={list.error} doing="Listing the service's certificates" retry={() => void list.refetch()} />}
      {list.isLoading && <Skeleton screenreaderText="Loading the service's certificates" />}
      {hasNextPage && count >= kPages && <Alert variant="info" isInline isPlain title={`The newest ${certificates.length.toLocaleString()} certificates are drawn; there are older ones.`} />}
      {list.isSuccess && !isFetching && certificates.length === 0 && (
        <EmptyState titleText="No certificate of this service" headingLevel="h2" icon={SearchIcon} variant="sm">
          <EmptyStateBody>
            A service is what <code>quicklime issue --service NAME --node NODE</code> recorded. <Link to="/lineage">Another service</Link>
          </EmptyStateBody>
        </EmptyState>
      )}
      {lanes.length > 0 && (
        <ul className="ql-lanes" aria-label="Lanes, what needs somebody first">
          {lanes.map((lane) => (
            <li key={lane.key} className="ql-lane">
              <div className="ql-lane-name">
                <strong>{lane.node ? visible(lane.node) : "no node recorded"}</strong>
                <span className="ql-muted">{visible(lane.name)}</span>
              </div>
              <Strip lane={lane} span={span} now={now} />
              <ul className="ql-lane-findings">
                {lane.findings.length === 0 && (
                  <li>
                    <Label color="green" isCompact icon={<CheckCircleIcon />}>
                      covered
                    </Label>
                  </li>
                )}
                {lane.findings.map((finding, index) => (
                  <Found key={index} finding={finding} />
                ))}
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

// The services of the newest certificates, or one that is typed.
function Choose() {
  const [, setSearch] = useSearchParams();
  const [text, setText] = useState("");
  const newest = useCertificatesInfiniteQuery({ limit: 500 }, { refetchOnMountOrArgChange: 5 });
  const services = useMemo(() => {
    const counted = new Map<string, number>();
    for (const { service } of readable(newest.data?.pages)) if (service !== undefined) counted.set(service, (counted.get(service) ?? 0) + 1);
    return [...counted].sort(([a], [b]) => a.localeCompare(b));
  }, [newest.data]);
  return (
    <>
      <Form
        isHorizontal
        className="ql-try"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) setSearch({ service: text.trim() });
        }}
      >
        <FormGroup label="Service" fieldId="service">
          <TextInput id="service" value={text} onChange={(_event, value) => setText(value)} spellCheck="false" placeholder="api" />
        </FormGroup>
        <div>
          <Button type="submit" isDisabled={text.trim() === ""}>
            Show
          </Button>
        </div>
      </Form>
      {newest.error !== undefined && <ProblemAlert problem={newest.error} doing="Listing the newest certificates" />}
      {services.length > 0 && (
        <>
          <h2>Services of the newest certificates</h2>
          <ul className="ql-links" aria-label="Services">
            {services.map(([service, count]) => (
              <li key={service}>
                <Link to={`/lineage?service=${encodeURIComponent(service)}`}>{visible(service)}</Link> <span className="ql-muted">{count}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {newest.isSuccess && services.length === 0 && (
        <p className="ql-muted">
          No certificate says whose it is. <code>quicklime issue api.internal --service api --node rack-7</code> records it.
        </p>
      )}
    </>
  );
}
