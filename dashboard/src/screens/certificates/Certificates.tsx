// Every certificate that one may see: one search box, the filters that the server has, and an address that can be shared.
import { Button, EmptyState, EmptyStateBody, FormSelect, FormSelectOption, Label, LabelGroup, SearchInput, Skeleton, Toolbar, ToolbarContent, ToolbarItem } from "@patternfly/react-core";
import SearchIcon from "@patternfly/react-icons/dist/esm/icons/search-icon";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearchParams } from "react-router";
import { useCertificatesInfiniteQuery } from "../../api/api";
import type { RowPage } from "../../api/rows";
import type { Counts } from "../../api/types";
import type { Problem } from "../../api/problem";
import { useCountsQuery } from "../../api/inventory";
import { AsOf } from "../../components/as_of";
import { AsOfControl, AsOfNotice } from "../../components/AsOfControl";
import { CopyAs } from "../../components/CopyAs";
import { FirstSteps } from "../../components/FirstSteps";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { kSearchId } from "../../shell/keys";
import { listCommands } from "../../text/commands";
import { filterOf, hasKey, kEverything, kStatuses, questionOf, searchOf, typed, type Question, type QuestionName } from "../../text/query";
import { visible } from "../../text/visible";
import { CertificateTable } from "./CertificateTable";
import { Export } from "./Export";
import { kFilterNames } from "./filters";

const FilterMenu = lazy(() => import("./FilterMenu"));
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
const kIdlePages = 10; // pages without a match, each of which looked at as much as the server allows: then somebody decides
// Filters that have no field of their own: each is a chip.
const kChips: Partial<Record<QuestionName, string>> = { renewal: "Renewal", ...kFilterNames, issued: "Issued since", issued_before: "Issued before", expires_after: "Ends after" };
const kStatusNames = { good: "Good", held: "On hold", revoked: "Revoked", expired: "Expired" };

export default function Certificates() {
  const [search, setSearch] = useSearchParams();
  const question = useMemo(() => questionOf(search), [search]);
  const change = useCallback((next: Question) => setSearch(searchOf(next), { replace: true }), [setSearch]);
  const [asked] = useState(() => Date.now()); // "within 7 days" is one question while the screen is open
  const filter = useMemo(() => filterOf(question, asked), [question, asked]);
  const list = useCertificatesInfiniteQuery({ ...filter, limit: kPage }, { refetchOnMountOrArgChange: 5 });
  const rows = useMemo(() => list.currentData?.pages.flatMap((page) => page.rows) ?? [], [list.currentData]);
  const { fetchNextPage } = list;
  const pages = list.currentData?.pages ?? [];
  const [patience, setPatience] = useState({ of: "", pages: kIdlePages });
  const isPatient = idlePages(pages) < (patience.of === search.toString() ? patience.pages : kIdlePages);
  const looked = pages.reduce((sum, page) => sum + page.examined, 0);
  const mayCount = useMay("count");
  const counts = useCountsQuery({ by: "status" }, { skip: !mayCount, refetchOnMountOrArgChange: 30 });
  const askMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const mayIssue = useMay("issue");
  const mayExport = useMay("exportCertificates");
  const [exportProblem, setExportProblem] = useState<Problem | undefined>();
  const [isIssuing, setIsIssuing] = useState(false);
  const isFiltered = Object.values(question).some(Boolean);
  const chips = (Object.keys(kChips) as QuestionName[]).filter((name) => question[name]);
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
                <FormSelectOption key={status} value={status} label={kStatusNames[status] + countOf(counts.data?.values, status)} />
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
          {mayCount && (
            <ToolbarItem>
              <Suspense fallback={<Button variant="secondary">Filter</Button>}>
                <FilterMenu choose={(by, value) => change({ ...question, [by]: value })} />
              </Suspense>
            </ToolbarItem>
          )}
          <ToolbarItem>
            <AsOfControl asOf={question.as_of} choose={(as_of) => change({ ...question, as_of })} />
          </ToolbarItem>
          {isFiltered && (
            <ToolbarItem>
              <Button variant="link" onClick={() => change(kEverything)}>
                Clear
              </Button>
            </ToolbarItem>
          )}
        </ToolbarContent>
      </Toolbar>
      {chips.length > 0 && (
        <LabelGroup aria-label="Filters" numLabels={20} className="ql-chips">
          {chips.map((name) => (
            <Label key={name} color="blue" onClose={() => change({ ...question, [name]: "" })} closeBtnAriaLabel={`Any ${kChips[name]?.toLowerCase()}`}>
              {kChips[name]}: {visible(question[name])}
            </Label>
          ))}
        </LabelGroup>
      )}
      {question.as_of && <AsOfNotice asOf={question.as_of} leave={() => change({ ...question, as_of: "" })} />}

      {exportProblem && <ProblemAlert problem={exportProblem} doing="Exporting" />}
      {list.error !== undefined && <ProblemAlert problem={list.error} doing="Listing certificates" retry={() => void list.refetch()} />}
      {(rows.length > 0 || list.hasNextPage) && (
        <>
          <AsOf value={question.as_of || undefined}>
            <CertificateTable key={search.toString()} rows={rows} hasMore={list.hasNextPage && isPatient} isAsking={list.isFetching || list.isError} askMore={askMore} />
          </AsOf>
          <p className="ql-count" role="status">
            {rows.length.toLocaleString()} {rows.length === 1 ? "certificate" : "certificates"}
            {list.hasNextPage ? (list.isFetching ? ", loading more…" : isPatient ? " so far, more below" : ` so far: ${looked.toLocaleString()} entries were looked at`) : ""}
            {filter.expires_before || filter.expires_after ? ", soonest end first" : question.search.startsWith(".") ? ", in the order of names" : ", newest first"}
            {forgotten && (
              <>
                . What ended before <Moment at={forgotten} form="row" /> is in the log alone
              </>
            )}
            {list.hasNextPage && !isPatient && !list.isFetching && (
              <>
                {" "}
                <Button
                  variant="link"
                  isInline
                  onClick={() => {
                    setPatience({ of: search.toString(), pages: idlePages(pages) + kIdlePages });
                    askMore();
                  }}
                >
                  Look further
                </Button>
              </>
            )}
          </p>
        </>
      )}
      {list.isFetching && rows.length === 0 && !list.hasNextPage && (
        <div className="ql-skeleton">
          <Skeleton screenreaderText="Loading certificates" />
          <Skeleton width="80%" />
          <Skeleton width="90%" />
        </div>
      )}
      {list.isSuccess && !list.isFetching && rows.length === 0 && !list.hasNextPage && (isFiltered ? <NothingFound /> : <FirstSteps />)}
      {isIssuing && (
        <Suspense>
          <IssueDialog close={() => setIsIssuing(false)} />
        </Suspense>
      )}
    </Screen>
  );
}

// How many pages at the end brought nothing.
function idlePages(pages: readonly RowPage[]): number {
  let idle = 0;
  while (idle < pages.length && pages[pages.length - 1 - idle]?.rows.length === 0) ++idle;
  return idle;
}

const countOf = (values: Counts["values"] | undefined, status: string) => {
  const found = values?.find(({ value }) => value === status);
  return found ? ` (${found.count.toLocaleString()})` : "";
};

function NothingFound() {
  return (
    <EmptyState titleText="No certificate is like this" headingLevel="h2" icon={SearchIcon} variant="sm">
      <EmptyStateBody>
        A name may be whole (<code>api.internal</code>) or begun (<code>api.</code>); a domain begins with a dot (<code>.internal</code>). A serial may be hex, with colons or without, or decimal; a fingerprint is
        SHA-256. Filters go into the same box: <code>service:api status:held expires&lt;7d</code>.
      </EmptyStateBody>
    </EmptyState>
  );
}

// The text is the typist's: nothing that comes back from the server or the address changes it while he types.
function SearchBox({ question, change }: { question: Question; change: (question: Question) => void }) {
  const [text, setText] = useState(question.search);
  const input = useRef<HTMLInputElement>(null);
  const location = useLocation();
  const state: unknown = location.state;
  useEffect(() => {
    if (typeof state === "object" && state !== null && "search" in state) input.current?.focus();
  }, [state]);
  const sent = useRef(question.search);
  useEffect(() => {
    // Somebody else changed the address: a link, "Clear", the back button.
    if (question.search !== sent.current) {
      sent.current = question.search;
      setText(question.search);
    }
  }, [question.search]);
  useEffect(() => {
    const name = text.trim();
    if (name === sent.current || hasKey(name)) return;
    const timer = setTimeout(() => {
      sent.current = name;
      change({ ...question, search: name });
    }, kDebounce);
    return () => clearTimeout(timer);
  }, [text, question, change]);
  return (
    <SearchInput
      ref={input}
      searchInputId={kSearchId}
      aria-label="Search"
      placeholder="Name, .domain, serial, fingerprint, service:api  ( / )"
      value={text}
      onChange={(_event, value) => setText(value)}
      onSearch={() => {
        const next = typed(text, question);
        sent.current = next.search;
        setText(next.search);
        change(next);
      }}
      onClear={() => {
        sent.current = "";
        setText("");
        change({ ...question, search: "" });
      }}
    />
  );
}
