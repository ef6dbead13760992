// What needs somebody first; then what ends when, and what happened last.
import { Card, CardBody, CardTitle, EmptyState, Grid, GridItem, Label, Skeleton } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import InfoCircleIcon from "@patternfly/react-icons/dist/esm/icons/info-circle-icon";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-router";
import { useAuthoritiesQuery, useCertificatesInfiniteQuery, useTokensQuery } from "../../api/api";
import type { CertificateFilter, CertificateSummary } from "../../api/types";
import { ExpiryHistogram } from "../../charts/ExpiryHistogram";
import { CopyAs } from "../../components/CopyAs";
import { FirstSteps } from "../../components/FirstSteps";
import { Moment } from "../../components/Moment";
import { Names } from "../../components/Names";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { StandingLabel } from "../../components/StandingLabel";
import { useNow } from "../../components/now";
import { useMay } from "../../session/rights";
import { listCommands } from "../../text/commands";
import { readable } from "../../text/rows";
import { expiryOf } from "../../text/query";
import { isOwn } from "../../text/standing";
import { visible } from "../../text/visible";
import { attentionOf, type Attention } from "./attention";

const kPolling = { pollingInterval: 30_000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 5 };
const kDays = 90;
const kPages = 4; // of 500: what the picture looks at, until the API counts by itself
const kShownAttention = 12;

export default function Overview() {
  const now = useNow();
  const [opened] = useState(() => Date.now());
  const ending = useEnding({ status: "good", expires_before: expiryOf(`${kDays}d`, opened) ?? "", limit: 500 });
  const held = useCertificatesInfiniteQuery({ status: "held", limit: 50 }, kPolling);
  const newest = useCertificatesInfiniteQuery({ limit: 50 }, kPolling);
  const authorities = useAuthoritiesQuery(undefined, kPolling);
  const mayListTokens = useMay("seeTokens");
  const tokens = useTokensQuery(undefined, { ...kPolling, skip: !mayListTokens });

  const last = readable(newest.data?.pages);
  const isEmpty = newest.isSuccess && !newest.hasNextPage && last.every(isOwn);
  const attention = useMemo(
    () => attentionOf(now, ending.certificates, readable(held.data?.pages), authorities.data?.authorities ?? [], tokens.data?.tokens ?? []),
    [now, ending.certificates, held.data, authorities.data, tokens.data],
  );
  const endings = useMemo(() => ending.certificates.map((one) => ({ at: Date.parse(one.not_after), isReplaced: one.replaced_by !== undefined })), [ending.certificates]);

  const problems = [
    { doing: "Looking for what ends", error: ending.error },
    { doing: "Looking for holds", error: held.error },
    { doing: "Listing the newest", error: newest.error },
    { doing: "Listing authorities", error: authorities.error },
    { doing: "Listing tokens", error: tokens.error },
  ].filter(({ error }) => error !== undefined);

  return (
    <Screen title="Overview" actions={<CopyAs commands={listCommands({ status: "good", expires_before: expiryOf("30d", opened) ?? "" })} />}>
      <Grid hasGutter>
        {problems.length > 0 && (
          <GridItem>
            {/* One that is down is down for all of them: it is said once. */}
            {problems.slice(0, 1).map(({ doing, error }) => (
              <ProblemAlert key={doing} problem={error} doing={doing} retry={() => void newest.refetch()} />
            ))}
          </GridItem>
        )}
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
          <Card isFullHeight>
            <CardTitle component="h2">Needs attention</CardTitle>
            <CardBody>{ending.isLoading ? <Skeleton screenreaderText="Looking for what needs attention" /> : <AttentionList attention={attention} />}</CardBody>
          </Card>
        </GridItem>
        <GridItem lg={5}>
          <Card isFullHeight>
            <CardTitle component="h2">Issued last</CardTitle>
            <CardBody>
              <Newest certificates={last.slice(0, 7)} />
              <p>
                <Link to="/certificates">All certificates</Link>
              </p>
            </CardBody>
          </Card>
        </GridItem>
        <GridItem>
          <Card>
            <CardTitle component="h2">What ends in the next {kDays} days</CardTitle>
            <CardBody>
              {endings.length === 0 && !ending.isLoading ? <p>Nothing ends in this time.</p> : <ExpiryHistogram endings={endings} now={opened} days={kDays} daysEach={1} />}
              {ending.isCut && <p className="ql-muted">Only the {endings.length.toLocaleString()} that end first are counted here.</p>}
              <p className="ql-links">
                {["2d", "7d", "30d", "90d"].map((within) => (
                  <Link key={within} to={`/certificates?status=good&expires=${within}`}>
                    within {within.replace("d", " days")}
                  </Link>
                ))}
              </p>
            </CardBody>
          </Card>
        </GridItem>
      </Grid>
    </Screen>
  );
}

// The certificates that end soonest, page after page up to a bound.
function useEnding(filter: CertificateFilter) {
  const [question] = useState(filter);
  const list = useCertificatesInfiniteQuery(question, kPolling);
  const { fetchNextPage, hasNextPage, isFetching, isError } = list;
  const count = list.data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && count > 0 && count < kPages) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching, isError, count]);
  const certificates = useMemo(() => readable(list.data?.pages), [list.data]);
  return { certificates, isLoading: list.isLoading, error: list.error, isCut: hasNextPage && count >= kPages };
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
        <p>
          and {attention.length - kShownAttention} more: <Link to="/certificates?status=good&expires=30d">what ends within 30 days</Link>
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
