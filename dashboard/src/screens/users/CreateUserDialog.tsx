import { FormGroup, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import type { NewUser, UserRequest } from "../../api/types";
import { useCreateUserMutation } from "../../api/people";
import { FormDialog } from "../../components/FormDialog";
import { useGrant } from "../../components/GrantFields";
import { Help } from "../../components/Help";
import { createUserCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { LinkShown } from "./LinkShown";
import { kUserRoles } from "./roles";

export function CreateUserDialog({ close }: { close: () => void }) {
  const [user, setUser] = useState("");
  const [name, setName] = useState("");
  const { granted, fields } = useGrant(kUserRoles, { role: "requester" });
  const [create, { reset, ...state }] = useCreateUserMutation();
  const [created, setCreated] = useState<NewUser | null>(null);
  const id = user.trim();
  const shown = name.trim() || id;
  const request: UserRequest | undefined = id !== "" && granted ? { user: id, name: shown, ...granted } : undefined;

  async function send(wanted: UserRequest) {
    const answer = await create(wanted);
    if ("data" in answer && answer.data) {
      setCreated(answer.data);
      reset(); // the link is in this dialog alone, not in the store
    }
  }

  if (created) return <LinkShown title={`User ${visible(shown)}`} name={shown} link={created} close={close} />;
  return (
    <FormDialog
      title="Create a user"
      doing="Creating the user"
      button="Create"
      state={state}
      send={request && (() => send(request))}
      commands={request && createUserCommands(request)}
      close={close}
    >
      <FormGroup label="User" fieldId="user-id" isRequired>
        <TextInput id="user-id" isRequired autoCapitalize="none" spellCheck="false" value={user} onChange={(_event, value) => setUser(value)} placeholder="alice" />
        <Help>What they sign in with. It stays; events name them by it.</Help>
      </FormGroup>
      <FormGroup label="Name" fieldId="user-name">
        <TextInput id="user-name" value={name} onChange={(_event, value) => setName(value)} placeholder="Alice Example" />
      </FormGroup>
      {fields}
    </FormDialog>
  );
}
