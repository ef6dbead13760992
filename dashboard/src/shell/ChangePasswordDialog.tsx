import { FormGroup, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import type { Session } from "../api/types";
import { FormDialog } from "../components/FormDialog";
import { useNewPassword } from "../components/NewPassword";
import { useAsking } from "../components/SentForm";
import { setPassword } from "../session/password";
import { useAppStore } from "../store";

export default function ChangePasswordDialog({ session, close }: { session: Session; close: () => void }) {
  const store = useAppStore();
  const user = session.user.replace(/^local:/, "");
  const [old, setOld] = useState("");
  const { password, fields } = useNewPassword(user);
  const { state, asking } = useAsking();
  return (
    <FormDialog
      title="Change the password"
      doing="Changing the password"
      button="Change"
      size="small"
      state={state}
      send={
        password === undefined || old === ""
          ? undefined
          : async () => {
              if (!(await asking(() => setPassword(store, session.user, password, old)))) close();
            }
      }
      close={close}
    >
      <p>Everywhere else you are signed out by it.</p>
      <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
      <FormGroup label="Password until now" fieldId="old-password" isRequired>
        <TextInput id="old-password" type="password" autoComplete="current-password" isRequired value={old} onChange={(_event, value) => setOld(value)} />
      </FormGroup>
      {fields}
    </FormDialog>
  );
}
