// What will happen, said before it does, and the one button that does it.
import { Alert } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { FormDialog, type FormDialogProps } from "./FormDialog";

interface Props extends Omit<FormDialogProps, "send" | "children"> {
  warning?: string | undefined; // stands over the effects, when they meet oneself
  effects: readonly ReactNode[];
  act: () => Promise<{ error?: unknown; stays?: boolean }>; // stays: what it was done for is shown in its place
}

export function ConfirmDialog({ warning, effects, act, look = "danger", size = "small", close, ...dialog }: Props) {
  async function send() {
    const answer = await act();
    if (answer.error === undefined && !answer.stays) close();
  }
  return (
    <FormDialog {...dialog} look={look} size={size} send={send} close={close}>
      <Effects title={warning ?? "What will happen"} variant={warning ? "danger" : "info"} effects={effects} />
    </FormDialog>
  );
}

export const Effects = ({ title = "What will happen", variant = "info", effects }: { title?: string; variant?: "info" | "danger"; effects: readonly ReactNode[] }) => (
  <Alert variant={variant} isInline title={title}>
    <ul className="ql-effects">
      {effects.map((effect, index) => (
        <li key={index}>{effect}</li>
      ))}
    </ul>
  </Alert>
);
