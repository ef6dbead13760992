// What will happen, said before it does, and the one button that does it.
import { Alert, Button, ExpandableSection, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import type { ReactNode } from "react";
import type { Commands } from "../text/commands";
import { CommandLines } from "./CopyAs";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  title: string;
  warning?: string | undefined; // stands over the effects, when they meet oneself
  effects: readonly ReactNode[];
  button: string;
  isHarmless?: boolean;
  doing: string;
  state: { isLoading: boolean; error?: unknown };
  act: () => Promise<{ error?: unknown; stays?: boolean }>; // stays: what it was done for is shown in its place
  commands: Commands;
  close: () => void;
}

export function ConfirmDialog({ title, warning, effects, button, isHarmless = false, doing, state, act, commands, close }: Props) {
  const { isLoading, error } = state;
  async function go() {
    const answer = await act();
    if (answer.error === undefined && !answer.stays) close();
  }
  return (
    <Modal variant="small" isOpen onClose={close} aria-labelledby="confirm-title">
      <ModalHeader title={title} {...(isHarmless ? {} : { titleIconVariant: "warning" as const })} labelId="confirm-title" />
      <ModalBody tabIndex={0} role="region" aria-label="Effect">
        {error !== undefined && <ProblemAlert problem={error} doing={doing} />}
        <Alert variant={warning ? "danger" : "info"} isInline title={warning ?? "What will happen"}>
          <ul className="ql-effects">
            {effects.map((effect, index) => (
              <li key={index}>{effect}</li>
            ))}
          </ul>
        </Alert>
        <ExpandableSection toggleText="The same as a command">
          <CommandLines commands={commands} />
        </ExpandableSection>
      </ModalBody>
      <ModalFooter>
        <Button variant={isHarmless ? "primary" : "danger"} isLoading={isLoading} isDisabled={isLoading} onClick={() => void go()}>
          {button}
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
