// A dry run: what the rules make of somebody with these claims. Nobody signs in by it.
import { Alert, Button, Form, FormGroup, TextArea } from "@patternfly/react-core";
import { useState } from "react";
import type { RuleTest } from "../../api/types";
import { useTestRulesMutation } from "../../api/people";
import { isProblem, slug } from "../../api/problem";
import { CopyAs } from "../../components/CopyAs";
import { Help } from "../../components/Help";
import { ProblemAlert } from "../../components/ProblemAlert";
import { ProviderField } from "../../components/ProviderField";
import { conditionsOf } from "../../text/claims";
import { testRulesCommands } from "../../text/commands";
import { visible } from "../../text/visible";

export function TryRules({ providers }: { providers: readonly string[] }) {
  const [provider, setProvider] = useState<string | undefined>();
  const [text, setText] = useState("");
  const [test, { data, error, isLoading, reset }] = useTestRulesMutation();
  const { conditions, faults } = conditionsOf(text);
  const chosen = (provider ?? providers[0] ?? "").trim();
  const question: RuleTest | undefined = chosen !== "" && faults.length === 0 ? { provider: chosen, claims: conditions } : undefined;
  return (
    <Form
      className="ql-try"
      onSubmit={(event) => {
        event.preventDefault();
        if (question && !isLoading) void test(question);
      }}
    >
      <ProviderField
        providers={providers}
        value={provider ?? providers[0] ?? ""}
        change={(value) => {
          setProvider(value);
          reset();
        }}
      />
      <FormGroup label="What the provider says of them" fieldId="try-claims">
        <TextArea
          id="try-claims"
          rows={3}
          autoResize
          spellCheck="false"
          value={text}
          validated={faults.length > 0 ? "error" : "default"}
          placeholder={"groups=pki-admins\nemail=alice@example.com"}
          onChange={(_event, value) => {
            setText(value);
            reset();
          }}
        />
        <Help isWrong={faults.length > 0}>{faults.length > 0 ? `This is no claim and value: ${visible(faults[0] ?? "")}` : "One claim a line; several groups in several lines"}</Help>
      </FormGroup>
      <div className="ql-links">
        <Button type="submit" variant="secondary" isLoading={isLoading} isDisabled={!question || isLoading}>
          Try the rules
        </Button>
        {question && <CopyAs commands={testRulesCommands(question)} />}
      </div>
      <div role="status">
        {data && (
          <Alert variant="success" isInline title={`Let in as ${visible(data.role)}, by ${data.matches.map(visible).join(", ")}`}>
            {data.names.length > 0 && <p>Names: {data.names.map(visible).join(", ")}</p>}
            {data.profiles.length > 0 && <p>Profiles: {data.profiles.map(visible).join(", ")}</p>}
          </Alert>
        )}
        {isProblem(error) && slug(error) === "no-rule-matches" ? (
          <Alert variant="warning" isInline title="Not let in: no rule holds">
            {error.detail && <p>{visible(error.detail)}</p>}
          </Alert>
        ) : (
          error !== undefined && <ProblemAlert problem={error} doing="Trying the rules" />
        )}
      </div>
    </Form>
  );
}
