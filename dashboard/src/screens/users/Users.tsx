// Local people: who they are, what they may, and whether they are let in. Who signs in at a provider is in Rules and Sessions.
import { Button, EmptyState, EmptyStateBody, Label, Skeleton } from "@patternfly/react-core";
import BanIcon from "@patternfly/react-icons/dist/esm/icons/ban-icon";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import OutlinedClockIcon from "@patternfly/react-icons/dist/esm/icons/outlined-clock-icon";
import UsersIcon from "@patternfly/react-icons/dist/esm/icons/users-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import { useUsersQuery } from "../../api/people";
import type { User } from "../../api/types";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { May } from "../../components/May";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { RowActions } from "../../components/RowActions";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { useAppSelector } from "../../store";
import { createUserCommands, userListCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { CreateUserDialog } from "./CreateUserDialog";
import { GrantDialog } from "./GrantDialog";
import { NewLinkDialog } from "./NewLinkDialog";
import { isLocal, nameOf } from "./roles";
import { SwitchUserDialog } from "./SwitchUserDialog";

type Doing = { what: "create" } | { what: "grant" | "switch" | "link"; user: User };

export default function Users() {
  const { data, error, refetch } = useUsersQuery(undefined, { pollingInterval: 60_000, skipPollingIfUnfocused: true });
  const own = useAppSelector((state) => state.session.identity?.id);
  const mayChange = useMay("changePeople");
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  return (
    <Screen
      title="Users"
      actions={
        <>
          {mayChange && (
            <Button variant="primary" onClick={() => setDoing({ what: "create" })}>
              Create a user
            </Button>
          )}
          <CopyAs commands={userListCommands()} />
        </>
      }
    >
      {error !== undefined && <ProblemAlert problem={error} doing="Listing users" retry={() => void refetch()} />}
      {!data && !error && <Skeleton screenreaderText="Loading users" />}
      {data?.users.length === 0 && (
        <EmptyState titleText="No user yet" headingLevel="h2" icon={UsersIcon} variant="sm">
          <EmptyStateBody>
            <p>A user has a name and a password of their own, which they set by a link that you give them.</p>
            {mayChange && <Code label="Copy the command">{createUserCommands({ user: "alice", name: "Alice", role: "administrator" }).cli ?? ""}</Code>}
          </EmptyStateBody>
        </EmptyState>
      )}
      {data && data.users.length > 0 && (
        <Table role="table" aria-label="Users" variant="compact" gridBreakPoint="grid-lg">
          <Thead>
            <Tr>
              <Th>User</Th>
              <Th>Role</Th>
              <Th>Status</Th>
              <Th>Names and profiles</Th>
              <Th>Changed</Th>
              {mayChange && <Th screenReaderText="Actions" />}
            </Tr>
          </Thead>
          <Tbody>
            {data.users.map((user) => (
              <Tr key={user.user}>
                <Td dataLabel="User" className="ql-token">
                  {visible(nameOf(user))} {user.user === own && <span className="ql-muted">(this is you)</span>}
                  <div className="ql-muted">
                    <code>{visible(user.user)}</code>
                  </div>
                </Td>
                <Td dataLabel="Role">{visible(user.role ?? "")}</Td>
                <Td dataLabel="Status">
                  <Status user={user} />
                </Td>
                <Td dataLabel="Names and profiles">
                  <May profiles={user.profiles ?? []} names={user.names ?? []} />
                </Td>
                <Td dataLabel="Changed">
                  {user.changed !== undefined && <Moment at={user.changed} form="row" />}
                </Td>
                {mayChange && (
                  <Td isActionCell>
                    {/* Nobody changes their own role, or shuts themselves out. */}
                    {user.user !== own && (
                      <RowActions
                        label={`Actions for ${visible(nameOf(user))}`}
                        actions={[
                          ...(isLocal(user) ? [{ title: "Change what they may", act: () => setDoing({ what: "grant", user }) }] : []),
                          ...(user.enabled && isLocal(user) ? [{ title: "New link to set a password", act: () => setDoing({ what: "link", user }) }] : []),
                          { title: user.enabled ? "Disable" : "Enable", isDanger: user.enabled, act: () => setDoing({ what: "switch", user }) },
                        ]}
                      />
                    )}
                  </Td>
                )}
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
      {doing?.what === "create" && <CreateUserDialog close={close} />}
      {doing?.what === "grant" && <GrantDialog user={doing.user} close={close} />}
      {doing?.what === "switch" && <SwitchUserDialog user={doing.user.user} name={nameOf(doing.user)} act={doing.user.enabled ? "disable" : "enable"} close={close} />}
      {doing?.what === "link" && <NewLinkDialog user={doing.user} close={close} />}
    </Screen>
  );
}

function Status({ user }: { user: User }) {
  if (!user.enabled) {
    return (
      <Label color="red" icon={<BanIcon />}>
        disabled
      </Label>
    );
  }
  if (!user.has_password && isLocal(user)) {
    return (
      <Label color="blue" icon={<OutlinedClockIcon />} title="The link to set one has not been used">
        no password yet
      </Label>
    );
  }
  return (
    <Label color="green" icon={<CheckCircleIcon />}>
      enabled
    </Label>
  );
}
