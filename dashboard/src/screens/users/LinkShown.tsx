import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import type { OneTime } from "../../api/types";
import { Code } from "../../components/Code";
import { Moment } from "../../components/Moment";
import { visible } from "../../text/visible";

export function LinkShown({ title, name, link, close }: { title: string; name: string; link: OneTime; close: () => void }) {
  return (
    <Modal variant="medium" isOpen onClose={close} onEscapePress={() => undefined} aria-labelledby="link-title">
      <ModalHeader title={title} titleIconVariant="success" labelId="link-title" />
      <ModalBody>
        <Alert variant="warning" isInline title="Copy it now: it is shown only here">
          Give it to {visible(name)} alone: whoever opens it first sets the password. It works once, until <Moment at={link.one_time_not_after} />.
        </Alert>
        <Code label="Copy the link">{link.one_time_url}</Code>
      </ModalBody>
      <ModalFooter>
        <Button onClick={close}>I have it</Button>
      </ModalFooter>
    </Modal>
  );
}
