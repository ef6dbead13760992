import { FormGroup, FormSelect, FormSelectOption, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import { useCreateTokenMutation } from "../../api/api";
import type { NewToken, TokenRequest } from "../../api/types";
import { FormDialog } from "../../components/FormDialog";
import { useGrant } from "../../components/GrantFields";
import { Help } from "../../components/Help";
import { Moment } from "../../components/Moment";
import { ShownOnce } from "../../components/ShownOnce";
import { createTokenCommands } from "../../text/commands";
import { visible } from "../../text/visible";

const kRoles: readonly NonNullable<TokenRequest["role"]>[] = ["requester", "auditor", "agent", "administrator"];
const kLifetimes = [
  { value: "7d", name: "7 days" },
  { value: "30d", name: "30 days" },
  { value: "90d", name: "90 days" },
  { value: "365d", name: "a year" },
];

export function CreateTokenDialog({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const { granted, fields } = useGrant(kRoles, { role: "requester" });
  const [lifetime, setLifetime] = useState("30d");
  const [create, { reset, ...state }] = useCreateTokenMutation();
  const [created, setCreated] = useState<NewToken | null>(null);
  const request: TokenRequest | undefined = name.trim() !== "" && granted ? { name: name.trim(), lifetime, ...granted } : undefined;

  async function send(wanted: TokenRequest) {
    const answer = await create(wanted);
    if ("data" in answer && answer.data) {
      setCreated(answer.data);
      reset(); // the text is in this dialog alone, not in the store
    }
  }

  if (created) return <Created token={created} close={close} />;
  return (
    <FormDialog
      title="Create a token"
      doing="Creating the token"
      button="Create"
      state={state}
      send={request && (() => send(request))}
      commands={request && createTokenCommands(request)}
      close={close}
    >
      <FormGroup label="Name" fieldId="token-name" isRequired>
        <TextInput id="token-name" isRequired maxLength={100} value={name} onChange={(_event, value) => setName(value)} placeholder="ci" />
        <Help>For people: whom it is for</Help>
      </FormGroup>
      {fields}
      <FormGroup label="Lives" fieldId="token-lifetime">
        <FormSelect id="token-lifetime" value={lifetime} onChange={(_event, value) => setLifetime(value)}>
          {kLifetimes.map((one) => (
            <FormSelectOption key={one.value} value={one.value} label={one.name} />
          ))}
        </FormSelect>
      </FormGroup>
    </FormDialog>
  );
}

function Created({ token, close }: { token: NewToken; close: () => void }) {
  return (
    <ShownOnce
      title={`Token ${visible(token.name)}`}
      warning="Copy it now: it is shown only here"
      meaning={
        <>
          Whoever has it is {visible(token.role)}, until <Moment at={token.not_after} />.
        </>
      }
      label="Copy the token"
      text={token.token}
      close={close}
    />
  );
}
