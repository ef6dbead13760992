// Rules: what people and programs may whom a directory or a provider vouches for. A rule can be tried before anybody signs in.
import { Button, Card, CardBody, CardTitle, EmptyState, EmptyStateBody, Flex, Skeleton } from "@patternfly/react-core";
import ListIcon from "@patternfly/react-icons/dist/esm/icons/list-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { useSignInPageQuery } from "../../api/api";
import type { Rule } from "../../api/types";
import { useRemoveRuleMutation, useRulesQuery } from "../../api/people";
import { Code } from "../../components/Code";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { CopyAs } from "../../components/CopyAs";
import { May } from "../../components/May";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { RowActions } from "../../components/RowActions";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { removeRuleCommands, ruleListCommands, setRuleCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { RuleDialog } from "./RuleDialog";
import { TryRules } from "./TryRules";

type Doing = { what: "add" } | { what: "change" | "remove"; rule: Rule };

export default function Rules() {
  const { data, error, refetch } = useRulesQuery(undefined, { pollingInterval: 60_000, skipPollingIfUnfocused: true });
  const ways = useSignInPageQuery().data?.ways ?? [];
  const mayChange = useMay("changePeople");
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  // Of programs that show a certificate of this CA the provider is `certificate`.
  const providers = [...new Set([...ways.flatMap(({ provider }) => provider ?? []), ...(data?.rules ?? []).map(({ provider }) => provider), "certificate"])];
  return (
    <Screen
      title="Rules"
      actions={
        <>
          {mayChange && (
            <Button variant="primary" onClick={() => setDoing({ what: "add" })}>
              Add a rule
            </Button>
          )}
          <CopyAs commands={ruleListCommands()} />
        </>
      }
    >
      <Flex direction={{ default: "column" }} gap={{ default: "gapMd" }} alignItems={{ default: "alignItemsStretch" }}>
        {error !== undefined && <ProblemAlert problem={error} doing="Listing rules" retry={() => void refetch()} />}
        {!data && !error && <Skeleton screenreaderText="Loading rules" />}
        {data?.rules.length === 0 && (
          <EmptyState titleText="No rule yet" headingLevel="h2" icon={ListIcon} variant="sm">
            <EmptyStateBody>
              <p>
                Without a rule nobody is let in by a directory or a provider. Directories and providers stand in the configuration (<code>[ldap.NAME]</code>, <code>[oidc.NAME]</code>); what their people may stands here.
              </p>
              {mayChange && <Code label="Copy the command">{setRuleCommands("admins", { provider: providers[0] ?? "acme", when: ["groups=pki-admins"], role: "administrator" }).cli ?? ""}</Code>}
            </EmptyStateBody>
          </EmptyState>
        )}
        {data && data.rules.length > 0 && (
          <Table role="table" aria-label="Rules" variant="compact" gridBreakPoint="grid-lg">
            <Thead>
              <Tr>
                <Th>Rule</Th>
                <Th>Provider</Th>
                <Th>When all of these hold</Th>
                <Th>Role</Th>
                <Th>Names and profiles</Th>
                <Th>Changed</Th>
                {mayChange && <Th screenReaderText="Actions" />}
              </Tr>
            </Thead>
            <Tbody>
              {data.rules.map((rule) => (
                <Tr key={rule.rule}>
                  <Td dataLabel="Rule">{visible(rule.rule)}</Td>
                  <Td dataLabel="Provider">{visible(rule.provider)}</Td>
                  <Td dataLabel="When all of these hold">
                    <ul className="ql-plain-list">
                      {rule.when.map((condition) => (
                        <li key={condition}>
                          <code>{visible(condition)}</code>
                        </li>
                      ))}
                    </ul>
                  </Td>
                  <Td dataLabel="Role">{visible(rule.role)}</Td>
                  <Td dataLabel="Names and profiles">
                    <May profiles={rule.profiles} names={rule.names} />
                  </Td>
                  <Td dataLabel="Changed">
                    <Moment at={rule.changed} form="row" />
                  </Td>
                  {mayChange && (
                    <Td isActionCell>
                      <RowActions
                        label={`Actions for ${visible(rule.rule)}`}
                        actions={[
                          { title: "Change", act: () => setDoing({ what: "change", rule }) },
                          { title: "Remove", isDanger: true, act: () => setDoing({ what: "remove", rule }) },
                        ]}
                      />
                    </Td>
                  )}
                </Tr>
              ))}
            </Tbody>
          </Table>
        )}
        <Card>
          <CardTitle component="h2">Who would be let in, and as what?</CardTitle>
          <CardBody>
            <TryRules providers={providers} />
          </CardBody>
        </Card>
      </Flex>
      {(doing?.what === "add" || doing?.what === "change") && (
        <RuleDialog rule={doing.what === "change" ? doing.rule : undefined} known={(data?.rules ?? []).map(({ rule }) => rule)} providers={providers} close={close} />
      )}
      {doing?.what === "remove" && <RemoveRule rule={doing.rule} close={close} />}
    </Screen>
  );
}

function RemoveRule({ rule, close }: { rule: Rule; close: () => void }) {
  const [remove, state] = useRemoveRuleMutation();
  return (
    <ConfirmDialog
      title={`Remove the rule ${visible(rule.rule)}`}
      effects={[
        `Sessions of ${visible(rule.provider)} end: its people and programs sign in again, by the rules that are left.`,
        "Who is let in by this rule alone is not let in any more.",
      ]}
      button="Remove"
      doing="Removing the rule"
      state={state}
      act={() => remove(rule.rule)}
      commands={removeRuleCommands(rule.rule)}
      close={close}
    />
  );
}
