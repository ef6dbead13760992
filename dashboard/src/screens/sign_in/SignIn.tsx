// Signing in with an API token. It stands where the screen would, so that afterwards one is where one was.
import { Alert, Button, Card, CardBody, CardTitle, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput, Title } from "@patternfly/react-core";
import { useEffect, useState, type FormEvent } from "react";
import type { Problem } from "../../api/problem";
import { Code } from "../../components/Code";
import { ProblemAlert } from "../../components/ProblemAlert";
import icon from "../../icon.svg";
import { signIn } from "../../session/sign_in";
import { tokenId } from "../../session/token";
import { useAppSelector, useAppStore } from "../../store";

export function SignIn() {
  const store = useAppStore();
  const ended = useAppSelector((state) => state.session.ended);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const [isAsking, setIsAsking] = useState(false);
  useEffect(() => {
    document.title = "Sign in · Quicklime";
  }, []);

  const token = text.trim();
  const isRefused = token !== "" && tokenId(token) === undefined;
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (token === "" || isRefused || isAsking) return;
    setIsAsking(true);
    const found = await signIn(store, token);
    setIsAsking(false);
    setProblem(found);
  }

  return (
    <main className="ql-sign-in">
      <header>
        <img src={icon} alt="" width="40" height="40" />
        <Title headingLevel="h1">Quicklime</Title>
      </header>
      <Card>
        <CardTitle component="h2">Sign in with an API token</CardTitle>
        <CardBody>
          <Form onSubmit={(event) => void submit(event)}>
            {ended && !problem && (
              <Alert variant="info" isInline title="The session has ended">
                {ended.detail ?? ended.title}. Sign in again to go on where you were.
              </Alert>
            )}
            {problem && <ProblemAlert problem={problem} doing="Signing in" />}
            <FormGroup label="Token" fieldId="token" isRequired>
              <TextInput
                id="token"
                type="password"
                autoComplete="off"
                spellCheck="false"
                // The page is nothing but this field.
                // eslint-disable-next-line jsx-a11y/no-autofocus
                autoFocus
                isRequired
                value={text}
                placeholder="qlk_..."
                validated={isRefused ? "error" : "default"}
                aria-describedby="token-help"
                onChange={(_event, value) => setText(value)}
              />
              <FormHelperText>
                <HelperText id="token-help" isLiveRegion>
                  {isRefused ? (
                    <HelperTextItem variant="error">A token is qlk_, 16 and 64 hexadecimal digits: this is none, or not all of it.</HelperTextItem>
                  ) : (
                    <HelperTextItem>It stays in this page&rsquo;s memory only: a reload asks for it again.</HelperTextItem>
                  )}
                </HelperText>
              </FormHelperText>
            </FormGroup>
            <Button type="submit" isBlock isLoading={isAsking} isDisabled={token === "" || isRefused || isAsking}>
              Sign in
            </Button>
          </Form>
        </CardBody>
      </Card>
      <Card>
        <CardTitle component="h2">No token yet?</CardTitle>
        <CardBody>
          <p>On the machine of the CA, as its administrator:</p>
          <Code label="Copy the command">quicklime token create me --role administrator</Code>
          <p className="ql-muted">
            A token with <code>--role auditor</code> sees everything and changes nothing; a requester&rsquo;s sees the certificates that it asked for.
          </p>
        </CardBody>
      </Card>
    </main>
  );
}
