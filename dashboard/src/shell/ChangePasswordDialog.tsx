import { Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import type { Session } from "../api/types";
import type { Problem } from "../api/problem";
import { useNewPassword } from "../components/NewPassword";
import { ProblemAlert } from "../components/ProblemAlert";
import { setPassword } from "../session/password";
import { useAppStore } from "../store";

export default function ChangePasswordDialog({ session, close }: { session: Session; close: () => void }) {
  const store = useAppStore();
  const user = session.user.replace(/^local:/, "");
  const [old, setOld] = useState("");
  const { password, fields } = useNewPassword(user);
  const [problem, setProblem] = useState<Problem | undefined>();
  const [isAsking, setIsAsking] = useState(false);

  async function act() {
    if (password === undefined || old === "" || isAsking) return;
    setIsAsking(true);
    const found = await setPassword(store, session.user, password, old);
    setIsAsking(false);
    setProblem(found);
    if (!found) close();
  }

  return (
    <Modal variant="small" isOpen onClose={close} aria-labelledby="change-password-title">
      <ModalHeader title="Change the password" labelId="change-password-title" />
      <ModalBody tabIndex={0} role="region" aria-label="The password">
        <Form
          id="change-password"
          onSubmit={(event) => {
            event.preventDefault();
            void act();
          }}
        >
          {problem && <ProblemAlert problem={problem} doing="Changing the password" />}
          <p>Everywhere else you are signed out by it.</p>
          <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
          <FormGroup label="Password until now" fieldId="old-password" isRequired>
            <TextInput id="old-password" type="password" autoComplete="current-password" isRequired value={old} onChange={(_event, value) => setOld(value)} />
          </FormGroup>
          {fields}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="change-password" isLoading={isAsking} isDisabled={password === undefined || old === "" || isAsking}>
          Change
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
