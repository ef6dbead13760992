// Who came by a one-time link: the first administrator makes an account, everybody else sets the password of theirs.
import { Card, CardBody, CardTitle, FormGroup, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import type { Session } from "../../api/types";
import { Entrance } from "../../components/Entrance";
import { Help } from "../../components/Help";
import { Moment } from "../../components/Moment";
import { useNewPassword } from "../../components/NewPassword";
import { SentForm } from "../../components/SentForm";
import { administratorMaker, setPassword } from "../../session/password";
import { welcomed } from "../../session/session";
import { signOut } from "../../session/sign_in";
import { useAppDispatch, useAppStore } from "../../store";
import { endOf } from "../../text/session";
import { visible } from "../../text/visible";

export function Welcome({ session }: { session: Session }) {
  // As it was at first: making an account changes who one is before it is done.
  const [first] = useState(session);
  const isOwn = first.user.startsWith("local:");
  return <Entrance title={isOwn ? "Set your password" : "Make the first administrator"}>{isOwn ? <OwnPassword session={first} /> : <FirstAdministrator session={first} />}</Entrance>;
}

function OwnPassword({ session }: { session: Session }) {
  const store = useAppStore();
  const user = session.user.replace(/^local:/, "");
  const { password, fields } = useNewPassword(user);
  return (
    <Card>
      <CardTitle component="h2">Set your password</CardTitle>
      <CardBody>
        <SentForm
          submit={password === undefined ? undefined : () => setPassword(store, session.user, password)}
          button="Set the password"
          doing="Setting the password"
          leave={{ button: "Not now: sign out", act: () => void signOut(store) }}
        >
          <p>
            You are <strong>{visible(session.name)}</strong> (<code>{visible(user)}</code>), {visible(session.role)}. The link has been used up; it let you in until <Moment at={endOf(session)} />.
          </p>
          <Username user={user} />
          {fields}
        </SentForm>
      </CardBody>
    </Card>
  );
}

function FirstAdministrator({ session }: { session: Session }) {
  const store = useAppStore();
  const dispatch = useAppDispatch();
  const [make] = useState(() => administratorMaker(store));
  const [user, setUser] = useState("");
  const [name, setName] = useState("");
  const { password, fields } = useNewPassword(user.trim());
  const isComplete = password !== undefined && user.trim() !== "";
  return (
    <Card>
      <CardTitle component="h2">Make an account for yourself</CardTitle>
      <CardBody>
        <SentForm
          submit={isComplete ? () => make(user.trim(), name.trim() || user.trim(), password) : undefined}
          button="Make the administrator"
          doing="Making the administrator"
          leave={{ button: "Go on without", act: () => dispatch(welcomed()) }}
        >
          <p>
            The link has let you in as {visible(session.role)} until <Moment at={endOf(session)} />, and works no second time. With an account you come back by name and password, and what you do has your name on it.
          </p>
          <FormGroup label="User" fieldId="new-user" isRequired>
            {/* The page is nothing but this form. */}
            {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
            <TextInput id="new-user" name="username" autoComplete="username" autoCapitalize="none" spellCheck="false" autoFocus isRequired value={user} placeholder="alice" onChange={(_event, value) => setUser(value)} />
            <Help>What you sign in with</Help>
          </FormGroup>
          <FormGroup label="Name" fieldId="new-name">
            <TextInput id="new-name" autoComplete="name" value={name} placeholder="Alice Example" onChange={(_event, value) => setName(value)} />
            <Help>What others see</Help>
          </FormGroup>
          {fields}
        </SentForm>
      </CardBody>
    </Card>
  );
}

// For what keeps passwords: whose this one is.
const Username = ({ user }: { user: string }) => <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />;
