// Every extension, in the words of openssl.
import { Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useMemo } from "react";
import { extensionsOf } from "../../api/extensions";
import { visible } from "../../text/visible";

export function Extensions({ pem }: { pem: string }) {
  const extensions = useMemo(() => extensionsOf(pem), [pem]);
  if (!extensions) return <p>This page cannot read it. openssl may: the PEM is in the last tab.</p>;
  if (extensions.length === 0) return <p>It has none.</p>;
  return (
    <Table role="table" aria-label="Extensions" variant="compact" gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th width={30}>Extension</Th>
          <Th>Says</Th>
        </Tr>
      </Thead>
      <Tbody>
        {extensions.map(({ oid, name, critical, value }) => (
          <Tr key={oid}>
            <Td dataLabel="Extension">
              {visible(name)}{" "}
              {critical && (
                <Label isCompact color="blue">
                  critical
                </Label>
              )}
              <div className="ql-muted">
                <code>{visible(oid)}</code>
              </div>
            </Td>
            <Td dataLabel="Says">
              <code className="ql-value">{value.split("\n").map(visible).join("\n")}</code>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
