import { Label } from "@patternfly/react-core";
import BanIcon from "@patternfly/react-icons/dist/esm/icons/ban-icon";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ClockIcon from "@patternfly/react-icons/dist/esm/icons/clock-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import PauseCircleIcon from "@patternfly/react-icons/dist/esm/icons/pause-circle-icon";
import type { Authority } from "../../api/types";
import { useNow } from "../../components/now";
import { authorityStanding } from "../../text/authority";

export function AuthorityLabel({ authority }: { authority: Authority }) {
  const is = authorityStanding(authority, useNow());
  switch (is) {
    case "revoked":
      return <Label color="red" icon={<BanIcon />}>{is}</Label>;
    case "expired":
      return <Label color="red" icon={<ClockIcon />}>{is}</Label>;
    case "ends soon":
      return <Label color="orange" icon={<ExclamationTriangleIcon />}>{is}</Label>;
    case "retired":
      return <Label color="grey" icon={<PauseCircleIcon />}>{is}</Label>;
    case "valid":
      return <Label color="green" icon={<CheckCircleIcon />}>{is}</Label>;
  }
}
