// A password that is chosen, twice, and what is wrong with it before it is sent. The rules are the server's.
import { FormGroup, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import { Help } from "./Help";

const kShortest = 8;
const kLongest = 256;

// The password that both fields agree on and that may be one; undefined until then.
export function useNewPassword(user: string) {
  const [first, setFirst] = useState("");
  const [again, setAgain] = useState("");
  const length = [...first].length;
  const fault =
    first === ""
      ? undefined
      : length < kShortest || length > kLongest
        ? `A password has ${kShortest} to ${kLongest} characters: this has ${length}.`
        : user !== "" && first.toLowerCase() === user.toLowerCase()
          ? "A password is not the user's name."
          : undefined;
  const differs = again !== "" && first !== again;
  const password = first !== "" && first === again && fault === undefined ? first : undefined;
  const fields = (
    <>
      <FormGroup label="New password" fieldId="new-password" isRequired>
        <TextInput
          id="new-password"
          type="password"
          autoComplete="new-password"
          isRequired
          value={first}
          validated={fault ? "error" : "default"}
          aria-describedby="new-password-help"
          onChange={(_event, value) => setFirst(value)}
        />
        <Help id="new-password-help" isWrong={fault !== undefined}>
          {fault ?? "8 characters or more; a sentence is good. Nothing else is demanded."}
        </Help>
      </FormGroup>
      <FormGroup label="The same again" fieldId="same-password" isRequired>
        <TextInput
          id="same-password"
          type="password"
          autoComplete="new-password"
          isRequired
          value={again}
          validated={differs ? "error" : "default"}
          aria-describedby="same-password-help"
          onChange={(_event, value) => setAgain(value)}
        />
        <Help id="same-password-help" isWrong={differs}>
          {differs ? "This is another one." : "So that no slip of a finger locks you out."}
        </Help>
      </FormGroup>
    </>
  );
  return { password, fields };
}
