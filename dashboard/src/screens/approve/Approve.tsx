// `quicklime login` on a machine without a browser: its session is approved here, by whoever is signed in. The address
// carries the hash of a secret that the command line made itself; the short code says that it is this one.
import { Alert, Button, Card, CardBody, CardTitle, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, EmptyState, EmptyStateBody } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import { Link, useLocation } from "react-router";
import { useApproveSessionMutation } from "../../api/people";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { useAppSelector } from "../../store";
import { endOf } from "../../text/session";
import { visible } from "../../text/visible";

export default function Approve() {
  const { hash } = useLocation();
  const [, session, sha256] = /^#([0-9a-f]{16})\.([0-9a-f]{64})$/.exec(hash) ?? [];
  return (
    <Screen title="Sign in a command line">
      {session !== undefined && sha256 !== undefined ? (
        <Asked key={sha256} session={session} sha256={sha256} />
      ) : (
        <EmptyState titleText="This address is not whole" headingLevel="h2" icon={ExclamationCircleIcon} variant="sm">
          <EmptyStateBody>
            Copy the whole of what <code>quicklime login</code> shows, with everything behind the <code>#</code>.
          </EmptyStateBody>
        </EmptyState>
      )}
    </Screen>
  );
}

function Asked({ session, sha256 }: { session: string; sha256: string }) {
  const identity = useAppSelector((state) => state.session.identity);
  const [approve, { data, error, isLoading }] = useApproveSessionMutation();
  if (data) {
    return (
      <EmptyState titleText="The command line is signed in" headingLevel="h2" icon={CheckCircleIcon} variant="sm">
        <EmptyStateBody>
          As {visible(data.name)}, until <Moment at={endOf(data)} />. This page can be closed; the session stands under <Link to="/sessions">Sessions</Link>, where it can be ended.
        </EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <Card className="ql-approve">
      <CardTitle component="h2">Does the command line show the same code?</CardTitle>
      <CardBody>
        {error !== undefined && <ProblemAlert problem={error} doing="Signing the command line in" />}
        <p className="ql-code" aria-label="Code to compare">
          {`${sha256.slice(0, 4)}-${sha256.slice(4, 8)}`}
        </p>
        <DescriptionList isHorizontal isCompact>
          <DescriptionListGroup>
            <DescriptionListTerm>It will be</DescriptionListTerm>
            <DescriptionListDescription>
              {visible(identity?.name ?? "")}, {visible(identity?.role ?? "")}: whatever you may, it may
            </DescriptionListDescription>
          </DescriptionListGroup>
          <DescriptionListGroup>
            <DescriptionListTerm>Session</DescriptionListTerm>
            <DescriptionListDescription>
              <code>{session}</code>
            </DescriptionListDescription>
          </DescriptionListGroup>
        </DescriptionList>
        {!identity?.session && (
          <Alert variant="info" isInline title="You are signed in by an API token">
            A token signs no command line in. Sign out, and in again by name and password or at a provider.
          </Alert>
        )}
        <Alert variant="warning" isInline title="Only if you have just typed quicklime login yourself">
          Whoever sends you such a link wants to act in your name. If the code is another one, or you have not asked for it, leave this page.
        </Alert>
        <div className="ql-links">
          {identity?.session && (
            <Button isLoading={isLoading} isDisabled={isLoading} onClick={() => void approve({ session, secret_sha256: sha256 })}>
              The code is the same: sign it in
            </Button>
          )}
          <Link to="/">It is not, or I did not ask</Link>
        </div>
      </CardBody>
    </Card>
  );
}
