// A form in a dialog: what it was refused for on top, the same as a command below, and one button that sends it.
import { Button, ExpandableSection, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useId, type ReactNode } from "react";
import type { Commands } from "../text/commands";
import { CommandLines } from "./CopyAs";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  title: string;
  doing: string;
  button: string;
  state: { isLoading: boolean; error?: unknown };
  send: (() => Promise<void>) | undefined; // undefined: something is missing
  commands?: Commands | undefined;
  close: () => void;
  children: ReactNode;
}

export function FormDialog({ title, doing, button, state: { isLoading, error }, send, commands, close, children }: Props) {
  const id = useId();
  const isReady = send !== undefined && !isLoading;
  return (
    <Modal variant="medium" isOpen onClose={close} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} labelId={`${id}-title`} />
      <ModalBody tabIndex={0} role="region" aria-label={title}>
        <Form
          id={id}
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) void send();
          }}
        >
          {error !== undefined && <ProblemAlert problem={error} doing={doing} />}
          {children}
          {commands && (
            <ExpandableSection toggleText="The same as a command">
              <CommandLines commands={commands} />
            </ExpandableSection>
          )}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form={id} isLoading={isLoading} isDisabled={!isReady}>
          {button}
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
