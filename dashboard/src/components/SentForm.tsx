// A form that is a page of its own (signing in, a first password): sent once at a time, and what was wrong stands on top.
import { Button, Form } from "@patternfly/react-core";
import { useState, type FormEvent, type ReactNode } from "react";
import type { Problem } from "../api/problem";
import { ProblemAlert } from "./ProblemAlert";

// The question that is under way, and what the last one was refused for: what a dialog's form takes as its state.
export function useAsking() {
  const [error, setError] = useState<Problem | undefined>();
  const [isLoading, setIsLoading] = useState(false);
  async function asking(question: () => Promise<Problem | undefined>) {
    setIsLoading(true);
    const found = await question();
    setIsLoading(false);
    setError(found);
    return found;
  }
  return { state: { isLoading, error }, asking };
}

interface Props {
  submit: (() => Promise<Problem | undefined>) | undefined; // undefined: something is missing
  button: string;
  doing: string;
  leave?: { button: string; act: () => void };
  children: ReactNode;
}

export function SentForm({ submit, button, doing, leave, children }: Props) {
  const { state, asking } = useAsking();
  function act(event: FormEvent) {
    event.preventDefault();
    if (submit && !state.isLoading) void asking(submit);
  }
  return (
    <Form onSubmit={act}>
      {state.error && <ProblemAlert problem={state.error} doing={doing} />}
      {children}
      <Button type="submit" isBlock isLoading={state.isLoading} isDisabled={!submit || state.isLoading}>
        {button}
      </Button>
      {leave && (
        <Button variant="link" isBlock onClick={leave.act}>
          {leave.button}
        </Button>
      )}
    </Form>
  );
}
