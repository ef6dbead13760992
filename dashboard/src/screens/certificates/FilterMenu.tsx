// The values of one filter at a time, the most frequent first, each with how many certificates have it. The server keeps
// the numbers, it does not count them; who may not ask for them types `profile:tls-server` into the search box.
import { Button, FormGroup, FormSelect, FormSelectOption, Popover, SearchInput, Skeleton } from "@patternfly/react-core";
import FilterIcon from "@patternfly/react-icons/dist/esm/icons/filter-icon";
import { useState } from "react";
import { useCountsQuery } from "../../api/inventory";
import { ProblemAlert } from "../../components/ProblemAlert";
import { visible } from "../../text/visible";
import { kCounted, kFilterNames, type Counted } from "./filters";

const kValues = 200;

export default function FilterMenu({ choose }: { choose: (by: Counted, value: string) => void }) {
  const [by, setBy] = useState<Counted>("profile");
  return (
    <Popover
      aria-label="Filter"
      headerContent="Filter"
      minWidth="20rem"
      position="bottom-end"
      bodyContent={(hide) => (
        <>
          <FormGroup label="By" fieldId="filter-by">
            <FormSelect id="filter-by" value={by} onChange={(_event, value) => setBy(value as Counted)}>
              {kCounted.map((one) => (
                <FormSelectOption key={one} value={one} label={kFilterNames[one]} />
              ))}
            </FormSelect>
          </FormGroup>
          <Values
            key={by}
            by={by}
            choose={(value) => {
              choose(by, value);
              hide();
            }}
          />
        </>
      )}
    >
      <Button variant="secondary" icon={<FilterIcon />}>
        Filter
      </Button>
    </Popover>
  );
}

function Values({ by, choose }: { by: Counted; choose: (value: string) => void }) {
  const { data, error } = useCountsQuery({ by, limit: kValues }, { refetchOnMountOrArgChange: 30 });
  const [text, setText] = useState("");
  if (error) return <ProblemAlert problem={error} doing="Counting" />;
  if (!data) return <Skeleton screenreaderText="Counting" />;
  const shown = data.values.filter(({ value }) => value.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <>
      {data.values.length > 10 && <SearchInput aria-label="Among these values" value={text} onChange={(_event, value) => setText(value)} onClear={() => setText("")} />}
      <ul className="ql-values" aria-label={kFilterNames[by]}>
        {shown.map(({ value, count }) => (
          <li key={value}>
            <Button variant="link" isInline onClick={() => choose(value)}>
              {visible(value)}
            </Button>{" "}
            <span className="ql-muted">{count.toLocaleString()}</span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="ql-muted">No certificate has such a value.</p>}
      {data.next !== undefined && <p className="ql-muted">The {kValues} most frequent. Others: type {by}:NAME into the search box.</p>}
    </>
  );
}
