// A hold and its end: the two that can be undone.
import { useHoldMutation, useReleaseMutation } from "../../api/api";
import type { CertificateDetail } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { actCommands } from "../../text/commands";
import { nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import type { Done } from "./Certificate";

const kWords = {
  hold: {
    title: (name: string) => `Put ${name} on hold`,
    button: "Put on hold",
    look: "warning",
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
    look: "primary",
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
  return (
    <ConfirmDialog
      title={words.title(visible(nameOf(certificate)))}
      effects={words.effects}
      button={words.button}
      look={words.look}
      doing={words.doing}
      state={act === "hold" ? holding : releasing}
      act={async () => {
        const answer = await (act === "hold" ? hold : release)(certificate.serial);
        if (!("data" in answer) || !answer.data) return answer;
        finish({ ...words.done, position: answer.data.position });
        return { stays: true };
      }}
      commands={actCommands(act, certificate.serial)}
      close={close}
    />
  );
}
