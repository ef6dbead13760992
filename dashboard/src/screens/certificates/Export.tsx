// Everything that the question finds, in one file: made while it is sent, however much it is.
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useState } from "react";
import { problemOf, unreachable, type Problem } from "../../api/problem";
import { address } from "../../api/transport";
import type { CertificateFilter } from "../../api/types";
import { save } from "../../components/download";
import { currentToken } from "../../session/token";

const kForms = [
  { format: "csv", name: "CSV, for spreadsheets", file: "certificates.csv", type: "text/csv" },
  { format: "ndjson", name: "JSON, one a line", file: "certificates.ndjson", type: "application/x-ndjson" },
] as const;

export function Export({ filter, tell }: { filter: CertificateFilter; tell: (problem: Problem | undefined) => void }) {
  const [isOpen, setIsOpen] = useState(false);
  async function fetched({ format, file, type }: (typeof kForms)[number]) {
    const path = address({ path: "/v1/certificates/export", query: { ...filter, format } });
    const token = currentToken();
    if (token === undefined) {
      // The browser's own download, which keeps nothing in memory: the cookie goes along.
      const link = document.createElement("a");
      link.href = path;
      link.download = file;
      link.click();
      return;
    }
    try {
      const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
      if (response.ok) save(file, type, await response.text());
      tell(response.ok ? undefined : await problemOf(response));
    } catch {
      tell(unreachable()); // or it was cut off: what is not whole is not kept
    }
  }
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          Export
        </MenuToggle>
      )}
    >
      <DropdownList>
        {kForms.map((form) => (
          <DropdownItem key={form.format} onClick={() => void fetched(form)}>
            {form.name}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
