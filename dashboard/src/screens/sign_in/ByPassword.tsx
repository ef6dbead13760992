import { FormGroup, TextInput } from "@patternfly/react-core";
import { useRef, useState } from "react";
import { Help } from "../../components/Help";
import { SentForm } from "../../components/SentForm";
import { signIn } from "../../session/sign_in";
import { useAppStore } from "../../store";
import { visible } from "../../text/visible";

export function ByPassword({ directories, isFirst }: { directories: readonly string[]; isFirst: boolean }) {
  const store = useAppStore();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const passwordField = useRef<HTMLInputElement>(null);

  async function submit() {
    const found = await signIn(store, { user: user.trim(), password });
    if (found) {
      setPassword("");
      passwordField.current?.focus();
    }
    return found;
  }

  return (
    <SentForm submit={user.trim() !== "" && password !== "" ? submit : undefined} button="Sign in" doing="Signing in">
      <FormGroup label="User" fieldId="user" isRequired>
        {/* The page is nothing but this form. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
        <TextInput id="user" name="username" autoComplete="username" autoCapitalize="none" spellCheck="false" autoFocus={isFirst} isRequired value={user} onChange={(_event, value) => setUser(value)} />
        {directories.length > 0 && (
          <Help>
            Or with the directory&rsquo;s name before it:{" "}
            {directories.map((directory) => (
              <code key={directory}>{visible(directory)}:alice </code>
            ))}
          </Help>
        )}
      </FormGroup>
      <FormGroup label="Password" fieldId="password" isRequired>
        <TextInput
          id="password"
          ref={passwordField}
          name="password"
          type="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={(_event, value) => setPassword(value)}
        />
      </FormGroup>
    </SentForm>
  );
}
