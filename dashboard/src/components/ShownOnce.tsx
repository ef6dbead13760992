// A secret that was just made: shown here and nowhere again, so that only its button closes it.
import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useId, type ReactNode } from "react";
import { Code } from "./Code";

interface Props {
  title: string;
  warning: string;
  meaning: ReactNode;
  label: string; // of the button that copies it
  text: string;
  close: () => void;
  children?: ReactNode; // before it
}

export function ShownOnce({ title, warning, meaning, label, text, close, children }: Props) {
  const id = useId();
  return (
    <Modal variant="medium" isOpen onClose={close} onEscapePress={() => undefined} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} titleIconVariant="success" labelId={`${id}-title`} />
      <ModalBody tabIndex={0} role="region" aria-label={title}>
        {children}
        <Alert variant="warning" isInline title={warning}>
          {meaning}
        </Alert>
        <Code label={label}>{text}</Code>
      </ModalBody>
      <ModalFooter>
        <Button onClick={close}>I have it</Button>
      </ModalFooter>
    </Modal>
  );
}
