// A hold and its end: the two that can be undone.
import { Alert, Button, ExpandableSection, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useHoldMutation, useReleaseMutation } from "../../api/api";
import type { CertificateDetail } from "../../api/types";
import { CommandLines } from "../../components/CopyAs";
import { ProblemAlert } from "../../components/ProblemAlert";
import { actCommands } from "../../text/commands";
import { nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import type { Done } from "./Certificate";

const kWords = {
  hold: {
    title: (name: string) => `Put ${name} on hold`,
    button: "Put on hold",
    effects: [
      "OCSP and CRLs call it revoked within seconds, with the reason certificateHold.",
      "It can be undone: releasing it makes it good again, until its end.",
      "It renews nothing while it is on hold.",
    ],
    doing: "Putting on hold",
    done: { what: "On hold", status: "held" },
  },
  release: {
    title: (name: string) => `Release ${name}`,
    button: "Release",
    effects: ["It is good again, until its end: OCSP says so within seconds, and the next CRL no longer names it.", "Whoever kept an old answer refuses it until that answer ends."],
    doing: "Releasing",
    done: { what: "Released", status: "good" },
  },
} as const;

interface Props {
  act: "hold" | "release";
  certificate: CertificateDetail;
  close: () => void;
  finish: (done: Done) => void;
}

export function HoldDialog({ act, certificate, close, finish }: Props) {
  const words = kWords[act];
  const [hold, holding] = useHoldMutation();
  const [release, releasing] = useReleaseMutation();
  const { isLoading, error } = act === "hold" ? holding : releasing;
  async function go() {
    const answer = await (act === "hold" ? hold : release)(certificate.serial);
    if ("data" in answer && answer.data) finish({ ...words.done, position: answer.data.position });
  }
  return (
    <Modal variant="small" isOpen onClose={close} aria-labelledby="hold-title">
      <ModalHeader title={words.title(visible(nameOf(certificate)))} labelId="hold-title" />
      <ModalBody tabIndex={0} role="region" aria-label="Effect">
        {error !== undefined && <ProblemAlert problem={error} doing={words.doing} />}
        <Alert variant="info" isInline title="What will happen">
          <ul className="ql-effects">
            {words.effects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
          </ul>
        </Alert>
        <ExpandableSection toggleText="The same as a command">
          <CommandLines commands={actCommands(act, certificate.serial)} />
        </ExpandableSection>
      </ModalBody>
      <ModalFooter>
        <Button variant={act === "hold" ? "warning" : "primary"} isLoading={isLoading} isDisabled={isLoading} onClick={() => void go()}>
          {words.button}
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
