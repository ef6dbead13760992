// A form in a dialog: what it was refused for on top, the same as a command below, and one button that sends it. Every
// dialog that does something is one.
import { Button, ExpandableSection, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useId, type ReactNode } from "react";
import type { Commands } from "../text/commands";
import { CommandLines } from "./CopyAs";
import { ProblemAlert } from "./ProblemAlert";

export interface FormDialogProps {
  title: string;
  doing: string;
  button: string;
  look?: "primary" | "warning" | "danger";
  size?: "small" | "medium";
  leaveButton?: string;
  state: { isLoading: boolean; error?: unknown };
  send: (() => Promise<unknown>) | undefined; // undefined: something is missing
  commands?: Commands | undefined;
  close: () => void;
  children: ReactNode;
}

export function FormDialog({ title, doing, button, look = "primary", size = "medium", leaveButton = "Cancel", state: { isLoading, error }, send, commands, close, children }: FormDialogProps) {
  const id = useId();
  const isReady = send !== undefined && !isLoading;
  return (
    <Modal variant={size} isOpen onClose={close} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} {...(look === "danger" ? { titleIconVariant: "warning" as const } : {})} labelId={`${id}-title`} />
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
        <Button type="submit" form={id} variant={look} isLoading={isLoading} isDisabled={!isReady}>
          {button}
        </Button>
        <Button variant="link" onClick={close}>
          {leaveButton}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
