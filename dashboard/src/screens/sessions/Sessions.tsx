// Who is signed in, since when and by what: one's own sessions, and for those who may see it everybody's.
import { Button, EmptyState, EmptyStateBody, FormSelect, FormSelectOption, Label, Skeleton, Toolbar, ToolbarContent, ToolbarItem } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ClockIcon from "@patternfly/react-icons/dist/esm/icons/clock-icon";
import KeyIcon from "@patternfly/react-icons/dist/esm/icons/key-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { Session } from "../../api/types";
import { useEndSessionMutation, useSessionsQuery } from "../../api/people";
import { Code } from "../../components/Code";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { CopyAs } from "../../components/CopyAs";
import { Moment } from "../../components/Moment";
import { useNow } from "../../components/now";
import { ProblemAlert } from "../../components/ProblemAlert";
import { RowActions } from "../../components/RowActions";
import { Screen } from "../../components/Screen";
import { useMay } from "../../session/rights";
import { signOut } from "../../session/sign_in";
import { useAppSelector, useAppStore } from "../../store";
import { endSessionCommands, loginCommand, sessionListCommands } from "../../text/commands";
import { endOf } from "../../text/session";
import { visible } from "../../text/visible";
import { SwitchUserDialog } from "../users/SwitchUserDialog";

const kMethods: Record<Session["method"], string> = {
  password: "by password",
  directory: "by a directory",
  browser: "at a provider",
  assertion: "by a signed assertion",
  certificate: "by certificate",
  "one-time": "by a one-time link",
  approved: "command line, approved",
};

const kWhich = { live: "That last", all: "Also those that ended" };
type Which = keyof typeof kWhich;
type Doing = { what: "end" | "disable"; session: Session };

export default function Sessions() {
  const [search, setSearch] = useSearchParams();
  const user = search.get("user") ?? "";
  const which: Which = search.get("which") === "all" ? "all" : "live";
  const { currentData: data, error, refetch } = useSessionsQuery(user ? { user } : {}, { pollingInterval: 30_000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: true });
  const now = useNow();
  const own = useAppSelector((state) => state.session.identity?.id);
  const seesAll = useMay("seeAllSessions");
  const mayEndAny = useMay("changePeople");
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  const isLive = (session: Session) => session.status === "live" && Date.parse(endOf(session)) > now;
  const change = (next: Record<string, string>) => setSearch(Object.fromEntries(Object.entries({ user, which: which === "all" ? "all" : "", ...next }).filter(([, value]) => value)), { replace: true });
  const users = useMemo(() => [...new Set((data?.sessions ?? []).map((session) => session.user))].sort(), [data]);
  const shown = (data?.sessions ?? []).filter((session) => which === "all" || isLive(session));
  return (
    <Screen title="Sessions" actions={<CopyAs commands={sessionListCommands(user)} />}>
      <Toolbar>
        <ToolbarContent>
          {seesAll && (
            <ToolbarItem className="ql-filter">
              <FormSelect aria-label="User" value={user} onChange={(_event, value) => change({ user: value })}>
                <FormSelectOption value="" label="User: any" />
                {[...new Set([...users, ...(user ? [user] : [])])].map((one) => (
                  <FormSelectOption key={one} value={one} label={visible(one)} />
                ))}
              </FormSelect>
            </ToolbarItem>
          )}
          <ToolbarItem className="ql-filter">
            <FormSelect aria-label="Which" value={which} onChange={(_event, value) => change({ which: value === "all" ? "all" : "" })}>
              {Object.entries(kWhich).map(([value, label]) => (
                <FormSelectOption key={value} value={value} label={label} />
              ))}
            </FormSelect>
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      {error !== undefined && <ProblemAlert problem={error} doing="Listing sessions" retry={() => void refetch()} />}
      {!data && !error && <Skeleton screenreaderText="Loading sessions" />}
      {data && shown.length === 0 && <NoSession />}
      {shown.length > 0 && (
        <Table role="table" aria-label="Sessions" variant="compact" gridBreakPoint="grid-lg">
          <Thead>
            <Tr>
              <Th>Who</Th>
              <Th>Role</Th>
              <Th>How</Th>
              <Th>Since</Th>
              <Th>Status</Th>
              <Th screenReaderText="Actions" />
            </Tr>
          </Thead>
          <Tbody>
            {shown.map((session) => (
              <Tr key={session.session}>
                <Td dataLabel="Who" className="ql-token">
                  {visible(session.name)} {session.current && <span className="ql-muted">(this browser)</span>}
                  <div className="ql-muted">
                    <code>{visible(session.user)}</code>
                  </div>
                </Td>
                <Td dataLabel="Role">{visible(session.role)}</Td>
                <Td dataLabel="How">
                  {kMethods[session.method] ?? visible(session.method)}
                  {session.provider !== "local" && <> ({visible(session.provider)})</>}
                  {session.failures > 0 && (
                    <div className="ql-muted">
                      after {session.failures} failed {session.failures === 1 ? "attempt" : "attempts"}
                    </div>
                  )}
                </Td>
                <Td dataLabel="Since">
                  <Moment at={session.created} form="row" />
                </Td>
                <Td dataLabel="Status">
                  {isLive(session) ? (
                    <Label color="green" icon={<CheckCircleIcon />}>
                      ends <Moment at={endOf(session)} form="relative" />
                    </Label>
                  ) : (
                    <Label color="grey" icon={<ClockIcon />}>
                      ended <Moment at={session.ended ?? endOf(session)} form="relative" />
                    </Label>
                  )}
                </Td>
                <Td isActionCell>
                  {isLive(session) &&
                    (mayEndAny && session.user !== own ? (
                      <RowActions
                        label={`Actions for the session of ${visible(session.name)}`}
                        actions={[
                          { title: "End the session", act: () => setDoing({ what: "end", session }) },
                          { title: "Disable the user", isDanger: true, act: () => setDoing({ what: "disable", session }) },
                        ]}
                      />
                    ) : (
                      (mayEndAny || session.user === own) && (
                        <Button variant="secondary" size="sm" onClick={() => setDoing({ what: "end", session })} {...(session.current ? {} : { "aria-label": `End the session of ${visible(session.name)}` })}>
                          {session.current ? "Sign out" : "End"}
                        </Button>
                      )
                    ))}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
      {doing?.what === "end" && <EndSession session={doing.session} close={close} />}
      {doing?.what === "disable" && <SwitchUserDialog user={doing.session.user} name={doing.session.name} act="disable" close={close} />}
    </Screen>
  );
}

function NoSession() {
  return (
    <EmptyState titleText="No session is like this" headingLevel="h2" icon={KeyIcon} variant="sm">
      <EmptyStateBody>
        <p>Whoever signs in has one: in this page, or on the command line. Who shows an API token with each request has none.</p>
        <Code label="Copy the command">{loginCommand()}</Code>
      </EmptyStateBody>
    </EmptyState>
  );
}

function EndSession({ session, close }: { session: Session; close: () => void }) {
  const store = useAppStore();
  const [end, state] = useEndSessionMutation();
  return (
    <ConfirmDialog
      title={session.current ? "Sign out" : `End the session of ${visible(session.name)}`}
      warning={session.current ? "This is the session that you are here by" : undefined}
      effects={[session.current ? "You sign in again to come back." : "Whoever uses it is refused from now on, and signs in again.", "What was done by it stays."]}
      button={session.current ? "Sign out" : "End it"}
      doing="Ending the session"
      state={state}
      act={async () => {
        if (!session.current) return end(session.session);
        await signOut(store);
        return { stays: true };
      }}
      commands={endSessionCommands(session.session)}
      close={close}
    />
  );
}
