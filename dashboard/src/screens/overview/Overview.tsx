// What needs somebody first; then how all of them stand, what ends when, and what happened last.
import { Card, CardBody, CardTitle, EmptyState, Grid, GridItem, Label, Skeleton, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import InfoCircleIcon from "@patternfly/react-icons/dist/esm/icons/info-circle-icon";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { useAuthoritiesQuery, useCertificatesInfiniteQuery, useTokensQuery } from "../../api/api";
import { useCountsQuery, useEndingQuery, useHealthQuery, useIssuanceQuery } from "../../api/inventory";
import type { CertificateSummary, Counts, Health } from "../../api/types";
import { Bars, type Bin, type Series } from "../../charts/Bars";
import { Shares } from "../../charts/Shares";
import { CopyAs } from "../../components/CopyAs";
import { FirstSteps } from "../../components/FirstSteps";
import { Lamp } from "../../components/Lamp";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { StandingLabel } from "../../components/StandingLabel";
import { useNow } from "../../components/now";
import { useMay } from "../../session/rights";
import { listCommands } from "../../text/commands";
import { partsOf } from "../../text/health";
import { momentOf } from "../../text/query";
import { readable } from "../../text/rows";
import { isOwn } from "../../text/standing";
import { iso, kDay } from "../../text/time";
import { visible } from "../../text/visible";
import { attentionOf, type Attention } from "./attention";

const kPolling = { pollingInterval: 30_000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 5 };
const kShownAttention = 12;
const kShownNewest = 12;

export default function Overview() {
  const now = useNow();
  const [opened] = useState(() => Date.now());
  const overdue = useCertificatesInfiniteQuery({ renewal: "overdue", limit: 100 }, kPolling);
  const held = useCertificatesInfiniteQuery({ status: "held", limit: 50 }, kPolling);
  const newest = useCertificatesInfiniteQuery({ limit: 50 }, kPolling);
  const authorities = useAuthoritiesQuery(undefined, kPolling);
  const mayListTokens = useMay("seeTokens");
  const tokens = useTokensQuery(undefined, { ...kPolling, skip: !mayListTokens });
  const mayCount = useMay("count");
  const counts = useCountsQuery({ by: "status" }, { ...kPolling, skip: !mayCount });
  const health = useHealthQuery(undefined, { ...kPolling, pollingInterval: 10_000, skip: !useMay("seeHealth") });

  const last = useMemo(() => readable(newest.data?.pages), [newest.data]);
  const isEmpty = newest.isSuccess && !newest.hasNextPage && last.every(isOwn);
  const attention = useMemo(
    () =>
      attentionOf(now, {
        overdue: readable(overdue.data?.pages),
        held: readable(held.data?.pages),
        newest: last,
        authorities: authorities.data?.authorities ?? [],
        tokens: tokens.data?.tokens ?? [],
        health: health.data,
      }),
    [now, overdue.data, held.data, last, authorities.data, tokens.data, health.data],
  );
  const problems = [
    { doing: "Looking for renewals that are overdue", error: overdue.error },
    { doing: "Looking for holds", error: held.error },
    { doing: "Listing the newest", error: newest.error },
    { doing: "Listing authorities", error: authorities.error },
    { doing: "Listing tokens", error: tokens.error },
    { doing: "Counting", error: counts.error },
    { doing: "Asking how fresh everything is", error: health.error },
  ].filter(({ error }) => error !== undefined);

  return (
    <Screen title="Overview" actions={<CopyAs commands={listCommands({ status: "good", expires_before: momentOf("30d", opened) ?? "" })} />}>
      <Grid hasGutter>
        {/* One that is down is down for all of them: it is said once. */}
        {problems.slice(0, 1).map(({ doing, error }) => (
          <GridItem key={doing}>
            <ProblemAlert problem={error} doing={doing} retry={() => void newest.refetch()} />
          </GridItem>
        ))}
        {isEmpty && (
          <GridItem>
            <Card>
              <CardBody>
                <FirstSteps />
              </CardBody>
            </Card>
          </GridItem>
        )}
        <GridItem lg={7}>
          <div className="ql-stack">
            <Card>
              <CardTitle component="h2">Needs attention</CardTitle>
              <CardBody>{overdue.isLoading ? <Skeleton screenreaderText="Looking for what needs attention" /> : <AttentionList attention={attention} />}</CardBody>
            </Card>
            {mayCount && <Endings />}
            {mayCount && <IssuanceRate />}
          </div>
        </GridItem>
        <GridItem lg={5}>
          <div className="ql-stack">
            {counts.data && (
              <Card>
                <CardTitle component="h2">All certificates</CardTitle>
                <CardBody>
                  <Standings counts={counts.data} />
                </CardBody>
              </Card>
            )}
            {health.data && (
              <Card>
                <CardTitle component="h2">The view and the CRLs</CardTitle>
                <CardBody>
                  <Lamps health={health.data} />
                </CardBody>
              </Card>
            )}
            <Card>
              <CardTitle component="h2">Issued last</CardTitle>
              <CardBody>
                <Newest certificates={last.slice(0, kShownNewest)} />
                <p>
                  <Link to="/certificates">All certificates</Link>
                </p>
              </CardBody>
            </Card>
          </div>
        </GridItem>
      </Grid>
    </Screen>
  );
}

function Standings({ counts }: { counts: Counts }) {
  const of = (status: string) => counts.values.find(({ value }) => value === status)?.count ?? 0;
  return (
    <Shares
      label="All certificates, by how they stand"
      shares={[
        { name: "good", look: "live", count: of("good"), link: "/certificates?status=good" },
        { name: "on hold", look: "due", count: of("held"), link: "/certificates?status=held" },
        { name: "revoked", look: "bad", count: of("revoked"), link: "/certificates?status=revoked" },
        { name: "expired", look: "over", count: of("expired"), link: "/certificates?status=expired" },
      ]}
    />
  );
}

function Lamps({ health }: { health: Health }) {
  return (
    <ul className="ql-lamps">
      {partsOf(health).map(({ key, name, state, link }) => (
        <li key={key}>
          <Link to={link}>{visible(name.replace(/^The /, ""))}</Link> <Lamp state={state} />
        </li>
      ))}
    </ul>
  );
}

const kSpans = [
  { bin: "hour", bins: 48, name: "48 hours", size: kDay / 24 },
  { bin: "day", bins: 90, name: "90 days", size: kDay },
] as const;
const kEndingSeries: readonly Series[] = [
  { name: "good", look: "live" },
  { name: "on hold", look: "due" },
  { name: "revoked", look: "over" },
];

function Endings() {
  const [span, setSpan] = useState<(typeof kSpans)[number]>(kSpans[1]);
  const { data, error } = useEndingQuery({ bin: span.bin, bins: span.bins }, kPolling);
  const bins = (data?.bins ?? []).map(({ from, good, held, revoked }): Bin => ({ from: Date.parse(from), until: Date.parse(from) + span.size, parts: [good, held, revoked] }));
  return (
    <Card>
      <CardTitle component="h2">What ends when</CardTitle>
      <CardBody>
        <ToggleGroup aria-label="How far ahead" isCompact className="ql-toggle">
          {kSpans.map((one) => (
            <ToggleGroupItem key={one.name} text={one.name} isSelected={one === span} onChange={() => setSpan(one)} />
          ))}
        </ToggleGroup>
        {error !== undefined && <ProblemAlert problem={error} doing="Counting what ends" />}
        {!data && error === undefined && <Skeleton screenreaderText="Counting what ends" height="10rem" />}
        {data && <Bars label={`Certificates that end within ${span.name}`} series={kEndingSeries} bins={bins} linkOf={({ from, until }) => `/certificates?expires_after=${iso(from)}&expires=${iso(until)}`} />}
        <p className="ql-links">
          {["2d", "7d", "30d", "90d"].map((within) => (
            <Link key={within} to={`/certificates?status=good&expires=${within}`}>
              within {within.replace("d", " days")}
            </Link>
          ))}
        </p>
      </CardBody>
    </Card>
  );
}

const kIssuanceDays = 30;
const kIssuanceSeries: readonly Series[] = [
  { name: "new", look: "live" },
  { name: "renewals", look: "replaced" },
];

function IssuanceRate() {
  const { data, error } = useIssuanceQuery({ bin: "day", bins: kIssuanceDays }, kPolling);
  const bins = (data?.bins ?? []).map(({ from, issued, renewed }): Bin => ({ from: Date.parse(from), until: Date.parse(from) + kDay, parts: [issued - renewed, renewed] }));
  const revoked = (data?.bins ?? []).reduce((sum, bin) => sum + bin.revoked, 0);
  return (
    <Card>
      <CardTitle component="h2">Issued in the last {kIssuanceDays} days</CardTitle>
      <CardBody>
        {error !== undefined && <ProblemAlert problem={error} doing="Counting what was issued" />}
        {!data && error === undefined && <Skeleton screenreaderText="Counting what was issued" height="10rem" />}
        {data && <Bars label="Certificates that were issued" series={kIssuanceSeries} bins={bins} linkOf={({ from, until }) => `/certificates?issued=${iso(from)}&issued_before=${iso(until)}`} />}
        {data && (
          <p className="ql-links">
            <Link to="/revocations">{revoked === 0 ? "None revoked" : `${revoked.toLocaleString()} revoked`} in this time</Link>
          </p>
        )}
      </CardBody>
    </Card>
  );
}

const kLooks = {
  danger: { color: "red", Icon: ExclamationCircleIcon, word: "urgent" },
  warning: { color: "orange", Icon: ExclamationTriangleIcon, word: "soon" },
  info: { color: "blue", Icon: InfoCircleIcon, word: "decide" },
} as const;

function AttentionList({ attention }: { attention: readonly Attention[] }) {
  if (attention.length === 0) return <EmptyState titleText="Nothing needs you" headingLevel="h3" icon={CheckCircleIcon} variant="xs" />;
  return (
    <>
      <ul className="ql-attention">
        {attention.slice(0, kShownAttention).map((item) => {
          const { color, Icon, word } = kLooks[item.severity];
          return (
            <li key={item.key}>
              <Label color={color} icon={<Icon />}>
                {word}
              </Label>
              <span>
                <Link to={item.link}>{visible(item.what)}</Link> {item.why} {item.at !== undefined && <Moment at={item.at} form="row" />}
              </span>
            </li>
          );
        })}
      </ul>
      {attention.length > kShownAttention && (
        <p className="ql-links">
          and {attention.length - kShownAttention} more: <Link to="/certificates?renewal=overdue">renewals that are overdue</Link> <Link to="/certificates?status=held">what is on hold</Link>
        </p>
      )}
    </>
  );
}

function Newest({ certificates }: { certificates: readonly CertificateSummary[] }) {
  return (
    <ul className="ql-newest">
      {certificates.map((certificate) => (
        <li key={certificate.serial}>
          <Names certificate={certificate} />
          <StandingLabel certificate={certificate} />
          <Moment at={certificate.issued_at} form="relative" />
        </li>
      ))}
    </ul>
  );
}
