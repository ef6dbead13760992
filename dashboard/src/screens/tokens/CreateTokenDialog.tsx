import { Alert, Button, Checkbox, ExpandableSection, Form, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import { useCreateTokenMutation } from "../../api/api";
import type { NewToken, TokenRequest } from "../../api/types";
import { Code } from "../../components/Code";
import { CommandLines } from "../../components/CopyAs";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { createTokenCommands } from "../../text/commands";
import { visible } from "../../text/visible";

type Role = NonNullable<TokenRequest["role"]>;
const kRoles: readonly { role: Role; meaning: string }[] = [
  { role: "requester", meaning: "asks for certificates with the names below, and sees those" },
  { role: "auditor", meaning: "sees everything, changes nothing" },
  { role: "administrator", meaning: "may do everything" },
];
const kProfiles = ["tls-server", "tls-client", "tls-peer"];
const kLifetimes = [
  { value: "7d", name: "7 days" },
  { value: "30d", name: "30 days" },
  { value: "90d", name: "90 days" },
  { value: "365d", name: "a year" },
];

export function CreateTokenDialog({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("requester");
  const [profiles, setProfiles] = useState<string[]>(["tls-server"]);
  const [names, setNames] = useState("");
  const [lifetime, setLifetime] = useState("30d");
  const [create, { isLoading, error, reset }] = useCreateTokenMutation();
  const [created, setCreated] = useState<NewToken | null>(null);
  const isRequester = role === "requester";
  const patterns = names.split(/[\s,]+/).filter(Boolean);
  const isComplete = name.trim() !== "" && (!isRequester || (profiles.length > 0 && patterns.length > 0));
  const request: TokenRequest = { name: name.trim(), role, lifetime, ...(isRequester ? { profiles, names: patterns } : {}) };

  async function act() {
    const answer = await create(request);
    if ("data" in answer && answer.data) {
      setCreated(answer.data);
      reset(); // the text is in this dialog alone, not in the store
    }
  }

  if (created) return <Created token={created} close={close} />;
  return (
    <Modal variant="medium" isOpen onClose={close} aria-labelledby="create-token-title">
      <ModalHeader title="Create a token" labelId="create-token-title" />
      <ModalBody tabIndex={0} role="region" aria-label="The token">
        <Form
          id="create-token"
          onSubmit={(event) => {
            event.preventDefault();
            if (isComplete && !isLoading) void act();
          }}
        >
          {error !== undefined && <ProblemAlert problem={error} doing="Creating the token" />}
          <FormGroup label="Name" fieldId="token-name" isRequired>
            <TextInput id="token-name" isRequired maxLength={100} value={name} onChange={(_event, value) => setName(value)} placeholder="ci" />
            <Help>For people: whom it is for</Help>
          </FormGroup>
          <FormGroup label="Role" fieldId="token-role">
            <FormSelect id="token-role" value={role} onChange={(_event, value) => setRole(value as Role)}>
              {kRoles.map((one) => (
                <FormSelectOption key={one.role} value={one.role} label={`${one.role}: ${one.meaning}`} />
              ))}
            </FormSelect>
          </FormGroup>
          {isRequester && (
            <>
              <FormGroup label="Profiles" role="group" isInline fieldId="token-profiles">
                {kProfiles.map((profile) => (
                  <Checkbox
                    key={profile}
                    id={`profile-${profile}`}
                    label={profile}
                    isChecked={profiles.includes(profile)}
                    onChange={(_event, checked) => setProfiles(checked ? [...profiles, profile] : profiles.filter((one) => one !== profile))}
                  />
                ))}
              </FormGroup>
              <FormGroup label="Names that it may ask for" fieldId="token-names" isRequired>
                <TextInput id="token-names" isRequired value={names} onChange={(_event, value) => setNames(value)} placeholder="*.load.internal 10.0.0.0/8" />
                <Help>
                  One name, <code>*.load.internal</code> (one label), <code>**.internal</code> (everything below), <code>10.0.0.0/8</code>; with spaces between
                </Help>
              </FormGroup>
            </>
          )}
          <FormGroup label="Lives" fieldId="token-lifetime">
            <FormSelect id="token-lifetime" value={lifetime} onChange={(_event, value) => setLifetime(value)}>
              {kLifetimes.map((one) => (
                <FormSelectOption key={one.value} value={one.value} label={one.name} />
              ))}
            </FormSelect>
          </FormGroup>
          {isComplete && (
            <ExpandableSection toggleText="The same as a command">
              <CommandLines commands={createTokenCommands(request)} />
            </ExpandableSection>
          )}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="create-token" isLoading={isLoading} isDisabled={!isComplete || isLoading}>
          Create
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function Created({ token, close }: { token: NewToken; close: () => void }) {
  return (
    <Modal variant="medium" isOpen onClose={close} onEscapePress={() => undefined} aria-labelledby="created-token-title">
      <ModalHeader title={`Token ${visible(token.name)}`} titleIconVariant="success" labelId="created-token-title" />
      <ModalBody>
        <Alert variant="warning" isInline title="Copy it now: it is shown only here">
          Whoever has it is {visible(token.role)}, until <Moment at={token.not_after} />.
        </Alert>
        <Code label="Copy the token">{token.token}</Code>
      </ModalBody>
      <ModalFooter>
        <Button onClick={close}>I have it</Button>
      </ModalFooter>
    </Modal>
  );
}

const Help = ({ children }: { children: React.ReactNode }) => (
  <FormHelperText>
    <HelperText>
      <HelperTextItem>{children}</HelperTextItem>
    </HelperText>
  </FormHelperText>
);
