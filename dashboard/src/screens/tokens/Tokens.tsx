// API tokens: who may ask for what, until when. Their text is shown once, when they are made.
import { Button, Label, Skeleton } from "@patternfly/react-core";
import BanIcon from "@patternfly/react-icons/dist/esm/icons/ban-icon";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ClockIcon from "@patternfly/react-icons/dist/esm/icons/clock-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { useTokensQuery } from "../../api/api";
import type { Token } from "../../api/types";
import { CopyAs } from "../../components/CopyAs";
import { May } from "../../components/May";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { useAppSelector } from "../../store";
import { tokenListCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { CreateTokenDialog } from "./CreateTokenDialog";
import { RevokeTokenDialog } from "./RevokeTokenDialog";

const kLooks = {
  live: { color: "green", Icon: CheckCircleIcon },
  expired: { color: "grey", Icon: ClockIcon },
  revoked: { color: "red", Icon: BanIcon },
} as const;

export default function Tokens() {
  const { data, error, refetch } = useTokensQuery(undefined, { pollingInterval: 60_000, skipPollingIfUnfocused: true });
  const identity = useAppSelector((state) => state.session.identity);
  const mayChange = useMay("changeTokens");
  const [isCreating, setIsCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <Screen
      title="Tokens"
      actions={
        <>
          {mayChange && (
            <Button variant="primary" onClick={() => setIsCreating(true)}>
              Create a token
            </Button>
          )}
          <CopyAs commands={tokenListCommands()} />
        </>
      }
    >
      {error !== undefined && <ProblemAlert problem={error} doing="Listing tokens" retry={() => void refetch()} />}
      {!data && !error && <Skeleton screenreaderText="Loading tokens" />}
      {data && (
        <Table role="table" aria-label="Tokens" variant="compact" gridBreakPoint="grid-lg">
          <Thead>
            <Tr>
              <Th>Name</Th>
              <Th>Role</Th>
              <Th>Status</Th>
              <Th>May ask for</Th>
              <Th>Created</Th>
              <Th>Ends</Th>
              {mayChange && <Th screenReaderText="Actions" />}
            </Tr>
          </Thead>
          <Tbody>
            {data.tokens.map((token) => {
              const { color, Icon } = kLooks[token.status] ?? kLooks.expired;
              return (
                <Tr key={token.id}>
                  <Td dataLabel="Name" className="ql-token">
                    {visible(token.name)} {token.id === identity?.id && <span className="ql-muted">(this is you)</span>}
                    <div className="ql-muted">
                      <code>{visible(token.id)}</code>
                    </div>
                  </Td>
                  <Td dataLabel="Role">{visible(token.role)}</Td>
                  <Td dataLabel="Status">
                    <Label color={color} icon={<Icon />}>
                      {token.status}
                    </Label>
                  </Td>
                  <Td dataLabel="May ask for">
                    <May profiles={token.profiles} names={token.names} />
                  </Td>
                  <Td dataLabel="Created">
                    <Moment at={token.created} form="row" />
                  </Td>
                  <Td dataLabel="Ends">
                    <Moment at={token.not_after} form="row" />
                  </Td>
                  {mayChange && (
                    <Td isActionCell>
                      {token.status === "live" && (
                        <Button variant="secondary" isDanger size="sm" onClick={() => setRevoking(token)} aria-label={`Revoke ${visible(token.name)}`}>
                          Revoke
                        </Button>
                      )}
                    </Td>
                  )}
                </Tr>
              );
            })}
          </Tbody>
        </Table>
      )}
      {isCreating && <CreateTokenDialog close={() => setIsCreating(false)} />}
      {revoking && <RevokeTokenDialog token={revoking} isOwn={revoking.id === identity?.id} close={() => setRevoking(null)} />}
    </Screen>
  );
}
