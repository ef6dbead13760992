import { FormGroup, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import { Help } from "../../components/Help";
import { SentForm } from "../../components/SentForm";
import { signInByToken } from "../../session/sign_in";
import { tokenId } from "../../session/token";
import { useAppStore } from "../../store";

export function ByToken() {
  const store = useAppStore();
  const [text, setText] = useState("");
  const token = text.trim();
  const isRefused = token !== "" && tokenId(token) === undefined;

  return (
    <SentForm submit={token === "" || isRefused ? undefined : () => signInByToken(store, token)} button="Sign in" doing="Signing in">
      <FormGroup label="Token" fieldId="token" isRequired>
        <TextInput
          id="token"
          type="password"
          autoComplete="off"
          spellCheck="false"
          // It was asked for, or the page is nothing but this field.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          isRequired
          value={text}
          placeholder="qlk_..."
          validated={isRefused ? "error" : "default"}
          aria-describedby="token-help"
          onChange={(_event, value) => setText(value)}
        />
        <Help id="token-help" isWrong={isRefused}>
          {isRefused
            ? "A token is qlk_, 16 and 64 hexadecimal digits: this is none, or not all of it."
            : "It stays in this page’s memory only: a reload asks for it again."}
        </Help>
      </FormGroup>
    </SentForm>
  );
}
