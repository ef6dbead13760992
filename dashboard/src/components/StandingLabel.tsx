import { Label, type LabelProps } from "@patternfly/react-core";
import BanIcon from "@patternfly/react-icons/dist/esm/icons/ban-icon";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ClockIcon from "@patternfly/react-icons/dist/esm/icons/clock-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import PauseCircleIcon from "@patternfly/react-icons/dist/esm/icons/pause-circle-icon";
import QuestionCircleIcon from "@patternfly/react-icons/dist/esm/icons/question-circle-icon";
import RedoIcon from "@patternfly/react-icons/dist/esm/icons/redo-icon";
import HourglassHalfIcon from "@patternfly/react-icons/dist/esm/icons/hourglass-half-icon";
import type { ComponentType } from "react";
import type { CertificateSummary } from "../api/types";
import { kStandingMeaning, type Standing } from "../text/standing";
import { useStanding } from "./as_of";

// Never by colour alone: an icon and a word stand beside it.
const kLooks: Record<Standing, { color: NonNullable<LabelProps["color"]>; Icon: ComponentType }> = {
  valid: { color: "green", Icon: CheckCircleIcon },
  replaced: { color: "teal", Icon: RedoIcon },
  "renewal due": { color: "orange", Icon: ExclamationTriangleIcon },
  "not yet valid": { color: "orange", Icon: HourglassHalfIcon },
  "on hold": { color: "yellow", Icon: PauseCircleIcon },
  revoked: { color: "red", Icon: BanIcon },
  expired: { color: "grey", Icon: ClockIcon },
  "not known": { color: "grey", Icon: QuestionCircleIcon },
};

export function StandingLabel({ certificate }: { certificate: CertificateSummary }) {
  const is = useStanding(certificate);
  const { color, Icon } = kLooks[is];
  return (
    <Label color={color} icon={<Icon />} title={kStandingMeaning[is]}>
      {is}
    </Label>
  );
}
