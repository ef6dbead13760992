import { Alert, FormGroup, TextArea, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import type { Rule, RuleRequest } from "../../api/types";
import { useSetRuleMutation } from "../../api/people";
import { FormDialog } from "../../components/FormDialog";
import { useGrant } from "../../components/GrantFields";
import { Help } from "../../components/Help";
import { ProviderField } from "../../components/ProviderField";
import { conditionsOf } from "../../text/claims";
import { setRuleCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { kUserRoles, userRole } from "../users/roles";

interface Props {
  rule: Rule | undefined; // undefined: a new one
  known: readonly string[];
  providers: readonly string[];
  close: () => void;
}

export function RuleDialog({ rule, known, providers, close }: Props) {
  const [id, setId] = useState(rule?.rule ?? "");
  const [provider, setProvider] = useState(rule?.provider ?? providers[0] ?? "");
  const [when, setWhen] = useState(rule?.when.join("\n") ?? "");
  const { granted, fields } = useGrant(kUserRoles, rule ? { role: userRole(rule.role), profiles: rule.profiles, names: rule.names } : { role: "requester" });
  const [set, state] = useSetRuleMutation();
  const { conditions, faults } = conditionsOf(when);
  const name = id.trim();
  const replaces = !rule && known.includes(name);
  const request: RuleRequest | undefined =
    name !== "" && provider.trim() !== "" && conditions.length > 0 && faults.length === 0 && granted ? { provider: provider.trim(), when: conditions, ...granted } : undefined;
  return (
    <FormDialog
      title={rule ? `Change the rule ${visible(rule.rule)}` : "Add a rule"}
      doing="Writing the rule"
      button={rule ? "Change" : replaces ? "Replace" : "Add"}
      state={state}
      send={
        request &&
        (async () => {
          const answer = await set({ rule: name, request });
          if ("data" in answer && answer.data) close();
        })
      }
      commands={request && setRuleCommands(name, request)}
      close={close}
    >
      {!rule && (
        <FormGroup label="Name of the rule" fieldId="rule-id" isRequired>
          <TextInput id="rule-id" isRequired autoCapitalize="none" spellCheck="false" value={id} onChange={(_event, value) => setId(value)} placeholder="admins" />
        </FormGroup>
      )}
      {replaces && <Alert variant="warning" isInline title={`There is a rule ${visible(name)}: this one takes its place`} />}
      <ProviderField providers={providers} value={provider} change={setProvider} />
      <FormGroup label="When all of these hold" fieldId="rule-when" isRequired>
        <TextArea id="rule-when" isRequired rows={3} autoResize spellCheck="false" value={when} validated={faults.length > 0 ? "error" : "default"} onChange={(_event, value) => setWhen(value)} placeholder="groups=pki-admins" />
        <Help isWrong={faults.length > 0}>
          {faults.length > 0 ? (
            <>
              This is no claim and value: <code>{visible(faults[0] ?? "")}</code>
            </>
          ) : (
            <>
              One a line. Groups in any case, everything else exactly; a trailing <code>*</code> stands for the rest. Of a program pin what only it has (<code>repository_id=1234</code>).
            </>
          )}
        </Help>
      </FormGroup>
      {fields}
      <p className="ql-muted">Where several rules hold, the strongest role counts and names are put together; an auditor who is also an administrator or agent is let in as neither. Sessions of this provider end by it.</p>
    </FormDialog>
  );
}
