import { Alert, Button, ExpandableSection, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useRevokeTokenMutation } from "../../api/api";
import type { Token } from "../../api/types";
import { CommandLines } from "../../components/CopyAs";
import { ProblemAlert } from "../../components/ProblemAlert";
import { revokeTokenCommands } from "../../text/commands";
import { visible } from "../../text/visible";

export function RevokeTokenDialog({ token, isOwn, close }: { token: Token; isOwn: boolean; close: () => void }) {
  const [revoke, { isLoading, error }] = useRevokeTokenMutation();
  async function act() {
    const answer = await revoke(token.id);
    if ("data" in answer && answer.data) close();
  }
  return (
    <Modal variant="small" isOpen onClose={close} aria-labelledby="revoke-token-title">
      <ModalHeader title={`Revoke the token ${visible(token.name)}`} titleIconVariant="warning" labelId="revoke-token-title" />
      <ModalBody tabIndex={0} role="region" aria-label="Effect">
        {error !== undefined && <ProblemAlert problem={error} doing="Revoking the token" />}
        <Alert variant={isOwn ? "danger" : "info"} isInline title={isOwn ? "This is the token that you are signed in with" : "What will happen"}>
          <ul className="ql-effects">
            {isOwn && <li>You are signed out at once, and need another one to come back.</li>}
            <li>Whoever uses it is refused from now on. It cannot be undone.</li>
            <li>Certificates that it asked for stay as they are.</li>
          </ul>
        </Alert>
        <ExpandableSection toggleText="The same as a command">
          <CommandLines commands={revokeTokenCommands(token.id)} />
        </ExpandableSection>
      </ModalBody>
      <ModalFooter>
        <Button variant="danger" isLoading={isLoading} isDisabled={isLoading} onClick={() => void act()}>
          Revoke
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
