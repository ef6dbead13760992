// An empty CA teaches its first command, with the host that this page came from.
import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import CertificateIcon from "@patternfly/react-icons/dist/esm/icons/certificate-icon";
import { curlIssue, firstCommands } from "../text/commands";
import { Code } from "./Code";

export function FirstSteps() {
  return (
    <EmptyState titleText="No certificate yet" headingLevel="h2" icon={CertificateIcon} variant="full">
      <EmptyStateBody>
        <div className="ql-first-steps">
          <p>Issue the first one. On the machine of the CA, this is enough:</p>
          <Code label="Copy the command">quicklime issue api.internal</Code>
          <p>From anywhere else:</p>
          <Code label="Copy the commands">{firstCommands().join("\n")}</Code>
          <p>With openssl and curl only:</p>
          <Code label="Copy the curl commands">{curlIssue()}</Code>
        </div>
      </EmptyStateBody>
    </EmptyState>
  );
}
