// Signing in: by password, at a provider, with an API token. It stands where the screen would, so that afterwards one is
// where one was.
import { Alert, Bullseye, Button, Card, CardBody, CardTitle, ExpandableSection, Flex, Spinner } from "@patternfly/react-core";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { useSignInPageQuery } from "../../api/api";
import type { Way } from "../../api/types";
import { Code } from "../../components/Code";
import { Entrance } from "../../components/Entrance";
import { ProblemAlert } from "../../components/ProblemAlert";
import { rememberReturn } from "../../session/address";
import type { Ended } from "../../session/session";
import { useAppSelector } from "../../store";
import { visible } from "../../text/visible";
import { ByPassword } from "./ByPassword";
import { ByToken } from "./ByToken";

export function SignIn() {
  const ended = useAppSelector((state) => state.session.ended);
  const { data, error, isLoading, refetch } = useSignInPageQuery();
  const [tokenIsOpen, setTokenIsOpen] = useState(false);
  const ways = data?.ways ?? [];
  const hasPassword = ways.some(({ way }) => way !== "browser");
  const named = (kind: Way["way"]) => ways.filter(({ way }) => way === kind);
  return (
    <Entrance title="Sign in">
      {data?.banner && (
        <Card>
          <CardBody className="ql-banner">{data.banner.split("\n").map(visible).join("\n")}</CardBody>
        </Card>
      )}
      {ended && <WhyEnded ended={ended} />}
      {isLoading ? (
        <Bullseye>
          <Spinner aria-label="Asking how to sign in" />
        </Bullseye>
      ) : (
        <>
          {error !== undefined && <ProblemAlert problem={error} doing="Asking how to sign in" retry={() => void refetch()} />}
          {ways.length > 0 && (
            <Card>
              <CardTitle component="h2">Sign in</CardTitle>
              <CardBody>
                <Flex direction={{ default: "column" }} gap={{ default: "gapMd" }} alignItems={{ default: "alignItemsStretch" }}>
                  {named("browser")
                    .filter(({ provider }) => provider !== undefined && provider === ended?.provider)
                    .map((one) => (
                      <Provider key={one.provider} way={one} isAgain />
                    ))}
                  {hasPassword && <ByPassword isFirst={ended?.provider === undefined} directories={named("directory").flatMap(({ provider }) => provider ?? [])} />}
                  {named("browser")
                    .filter(({ provider }) => provider === undefined || provider !== ended?.provider)
                    .map((one) => (
                      <Provider key={one.provider} way={one} />
                    ))}
                </Flex>
              </CardBody>
            </Card>
          )}
          <Card>
            <CardBody>
              <ExpandableSection toggleText="With an API token" isExpanded={tokenIsOpen} onToggle={(_event, open) => setTokenIsOpen(open)}>
                {tokenIsOpen && <ByToken />}
              </ExpandableSection>
            </CardBody>
          </Card>
          <Card>
            <CardTitle component="h2">No account, or locked out?</CardTitle>
            <CardBody>
              <p>On the machine of the CA, as its administrator:</p>
              <Code label="Copy the command">quicklime login --url</Code>
              <p className="ql-muted">It prints a link that signs in once. Everybody else gets such a link from an administrator.</p>
            </CardBody>
          </Card>
        </>
      )}
    </Entrance>
  );
}

// Whose session there ended comes back by one press: not by none, for what ends unused is to stay ended until somebody is there.
function Provider({ way, isAgain = false }: { way: Way; isAgain?: boolean }) {
  const { pathname, search, hash } = useLocation();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isAgain) button.current?.focus();
  }, [isAgain]);
  // Only what is a path of this server is gone to.
  if (!way.url || !/^\/(?![/\\])/.test(way.url)) return null;
  return (
    <Button ref={button} variant={isAgain ? "primary" : "secondary"} component="a" isBlock href={way.url} onClick={() => rememberReturn(pathname + search + hash)}>
      Sign in {isAgain ? "again " : ""}with {visible(way.provider ?? way.url)}
    </Button>
  );
}

function WhyEnded({ ended: { what, problem } }: { ended: Ended }) {
  switch (what) {
    case "session":
      return (
        <Alert variant="info" isInline title="The session has ended">
          {visible(problem.detail ?? problem.title)}. Sign in again to go on where you were.
        </Alert>
      );
    case "link":
      return <ProblemAlert problem={problem} doing="Signing in by the link" />;
    case "sign-out":
      return (
        <Alert variant="warning" isInline title="This browser may still be signed in">
          The server did not take the session back ({visible(problem.title)}). Sign in and out again before you leave this machine.
        </Alert>
      );
  }
}
