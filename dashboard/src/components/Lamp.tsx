// The state of a part of the CA: an icon and a word beside the colour.
import { Label } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationCircleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import { isFailing, type PartState } from "../text/health";

const kWords: Partial<Record<PartState, string>> = { due: "due soon", none: "never published" };

export function Lamp({ state }: { state: PartState }) {
  const word = kWords[state] ?? state;
  if (state === "current") return <Label color="green" icon={<CheckCircleIcon />}>{word}</Label>;
  return isFailing(state) ? <Label color="red" icon={<ExclamationCircleIcon />}>{word}</Label> : <Label color="orange" icon={<ExclamationTriangleIcon />}>{word}</Label>;
}
