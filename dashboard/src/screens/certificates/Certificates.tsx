// Every certificate that one may see: one search box, the filters that the server has, and an address that can be shared.
import { Button, EmptyState, EmptyStateBody, FormSelect, FormSelectOption, SearchInput, Skeleton, Toolbar, ToolbarContent, ToolbarItem } from "@patternfly/react-core";
import SearchIcon from "@patternfly/react-icons/dist/esm/icons/search-icon";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearchParams } from "react-router";
import { useCertificatesInfiniteQuery } from "../../api/api";
import type { Problem } from "../../api/problem";
import { CopyAs } from "../../components/CopyAs";
import { FirstSteps } from "../../components/FirstSteps";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { kSearchId } from "../../shell/keys";
import { listCommands } from "../../text/commands";
import { filterOf, kEverything, kStatuses, questionOf, searchOf, typed, type Question } from "../../text/query";
import { serialsOf } from "../../text/serial";
import { visible } from "../../text/visible";
import { CertificateTable } from "./CertificateTable";
import { Export } from "./Export";
import { SerialMatches } from "./SerialMatches";

const IssueDialog = lazy(() => import("./IssueDialog"));

const kDebounce = 300;
const kPage = 200;
const kExpiry = [
  { value: "", name: "Ends: any time" },
  { value: "2d", name: "Ends within 2 days" },
  { value: "7d", name: "Ends within 7 days" },
  { value: "30d", name: "Ends within 30 days" },
  { value: "90d", name: "Ends within 90 days" },
];
const kChips = ["service", "node", "requester"] as const;
const kStatusNames = { good: "Good", held: "On hold", revoked: "Revoked", expired: "Expired" };

export default function Certificates() {
  const [search, setSearch] = useSearchParams();
  const question = useMemo(() => questionOf(search), [search]);
  const change = useCallback((next: Question) => setSearch(searchOf(next), { replace: true }), [setSearch]);
  const [asked] = useState(() => Date.now()); // "within 7 days" is one question while the screen is open
  const filter = useMemo(() => filterOf(question, asked), [question, asked]);
  const serials = useMemo(() => serialsOf(question.name), [question.name]);
  const isSerial = serials.length > 0;
  const list = useCertificatesInfiniteQuery({ ...filter, limit: kPage }, { skip: isSerial, refetchOnMountOrArgChange: 5 });
  const rows = useMemo(() => list.currentData?.pages.flatMap((page) => page.rows) ?? [], [list.currentData]);
  const { fetchNextPage } = list;
  const askMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const mayIssue = useMay("issue");
  const mayExport = useMay("exportCertificates");
  const [exportProblem, setExportProblem] = useState<Problem | undefined>();
  const [isIssuing, setIsIssuing] = useState(false);
  const isFiltered = Object.values(question).some(Boolean);
  const forgotten = list.currentData?.pages[0]?.forgottenBefore;

  return (
    <Screen
      title="Certificates"
      actions={
        <>
          {mayIssue && (
            <Button variant="primary" onClick={() => setIsIssuing(true)}>
              Issue
            </Button>
          )}
          {mayExport && <Export filter={filter} tell={setExportProblem} />}
          <CopyAs commands={listCommands(filter)} />
        </>
      }
    >
      <Toolbar clearAllFilters={() => change(kEverything)}>
        <ToolbarContent>
          <ToolbarItem className="ql-search">
            <SearchBox question={question} change={change} />
          </ToolbarItem>
          <ToolbarItem className="ql-filter">
            <FormSelect aria-label="Status" value={question.status} onChange={(_event, value) => change({ ...question, status: value as Question["status"] })}>
              <FormSelectOption value="" label="Status: any" />
              {kStatuses.map((status) => (
                <FormSelectOption key={status} value={status} label={kStatusNames[status]} />
              ))}
            </FormSelect>
          </ToolbarItem>
          <ToolbarItem className="ql-filter">
            <FormSelect aria-label="Ends" value={question.expires} onChange={(_event, value) => change({ ...question, expires: value })}>
              {kExpiry.map(({ value, name }) => (
                <FormSelectOption key={value} value={value} label={name} />
              ))}
              {!kExpiry.some(({ value }) => value === question.expires) && <FormSelectOption value={question.expires} label={`Ends before ${question.expires}`} />}
            </FormSelect>
          </ToolbarItem>
          {kChips
            .filter((key) => question[key])
            .map((key) => (
              <ToolbarItem key={key}>
                <Button variant="secondary" onClick={() => change({ ...question, [key]: "" })} title={`Any ${key}`}>
                  {key}: {visible(question[key])} ✕
                </Button>
              </ToolbarItem>
            ))}
          {isFiltered && (
            <ToolbarItem>
              <Button variant="link" onClick={() => change(kEverything)}>
                Clear
              </Button>
            </ToolbarItem>
          )}
        </ToolbarContent>
      </Toolbar>

      {exportProblem && <ProblemAlert problem={exportProblem} doing="Exporting" />}
      {isSerial && <SerialMatches serials={serials} />}
      {list.error !== undefined && !isSerial && <ProblemAlert problem={list.error} doing="Listing certificates" retry={() => void list.refetch()} />}
      {!isSerial && (rows.length > 0 || list.hasNextPage) && (
        <>
          <CertificateTable key={search.toString()} rows={rows} hasMore={list.hasNextPage} isAsking={list.isFetching || list.isError} askMore={askMore} />
          <p className="ql-count" role="status">
            {rows.length.toLocaleString()} {rows.length === 1 ? "certificate" : "certificates"}
            {list.hasNextPage ? (list.isFetching ? ", loading more…" : " so far, more below") : ""}
            {filter.expires_before ? ", soonest end first" : question.name.startsWith(".") ? ", in the order of names" : ", newest first"}
            {forgotten && (
              <>
                . What ended before <Moment at={forgotten} form="row" /> is in the log alone
              </>
            )}
          </p>
        </>
      )}
      {!isSerial && list.isFetching && rows.length === 0 && !list.hasNextPage && (
        <div className="ql-skeleton">
          <Skeleton screenreaderText="Loading certificates" />
          <Skeleton width="80%" />
          <Skeleton width="90%" />
        </div>
      )}
      {!isSerial && list.isSuccess && !list.isFetching && rows.length === 0 && !list.hasNextPage && (isFiltered ? <NothingFound /> : <FirstSteps />)}
      {isIssuing && (
        <Suspense>
          <IssueDialog close={() => setIsIssuing(false)} />
        </Suspense>
      )}
    </Screen>
  );
}

function NothingFound() {
  return (
    <EmptyState titleText="No certificate is like this" headingLevel="h2" icon={SearchIcon} variant="sm">
      <EmptyStateBody>
        A name must be whole (<code>api.internal</code>); a domain begins with a dot (<code>.internal</code>); a serial may be hex, with colons or without, or decimal.
      </EmptyStateBody>
    </EmptyState>
  );
}

// The text is the typist's: nothing that comes back from the server or the address changes it while he types.
function SearchBox({ question, change }: { question: Question; change: (question: Question) => void }) {
  const [text, setText] = useState(question.name);
  const input = useRef<HTMLInputElement>(null);
  const location = useLocation();
  const state: unknown = location.state;
  useEffect(() => {
    if (typeof state === "object" && state !== null && "search" in state) input.current?.focus();
  }, [state]);
  const sent = useRef(question.name);
  useEffect(() => {
    // Somebody else changed the address: a link, "Clear", the back button.
    if (question.name !== sent.current) {
      sent.current = question.name;
      setText(question.name);
    }
  }, [question.name]);
  useEffect(() => {
    const name = text.trim();
    if (name === sent.current || /(^|\s)(status|service|node|requester|expires|name)[:<]/i.test(name)) return;
    const timer = setTimeout(() => {
      sent.current = name;
      change({ ...question, name });
    }, kDebounce);
    return () => clearTimeout(timer);
  }, [text, question, change]);
  return (
    <SearchInput
      ref={input}
      searchInputId={kSearchId}
      aria-label="Search"
      placeholder="Name, .domain, serial, service:api  ( / )"
      value={text}
      onChange={(_event, value) => setText(value)}
      onSearch={() => {
        const next = typed(text, question);
        sent.current = next.name;
        setText(next.name);
        change(next);
      }}
      onClear={() => {
        sent.current = "";
        setText("");
        change({ ...question, name: "" });
      }}
    />
  );
}
