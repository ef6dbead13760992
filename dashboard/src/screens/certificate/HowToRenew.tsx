// Renewing needs the old key, which this page does not have and does not want: how it is done where the key is.
import { ExpandableSection } from "@patternfly/react-core";
import type { CertificateDetail } from "../../api/types";
import { Code } from "../../components/Code";
import { Moment } from "../../components/Moment";
import { fileName } from "../../components/download";
import { renewCommands } from "../../text/commands";
import { iso } from "../../text/time";
import { nameOf, renewalDue } from "../../text/standing";

export function HowToRenew({ certificate }: { certificate: CertificateDetail }) {
  const lines = renewCommands(fileName(nameOf(certificate)));
  return (
    <ExpandableSection toggleText="How it is renewed">
      <p>
        Where its key is: the key of now signs for the next, so that no token is needed. Due <Moment at={iso(renewalDue(certificate))} />, at two thirds of its life.
      </p>
      <Code label="Copy the command">{lines.once}</Code>
      <p>Or by itself, whenever two thirds of a life are over:</p>
      <Code label="Copy the command that stays">{lines.always}</Code>
    </ExpandableSection>
  );
}
