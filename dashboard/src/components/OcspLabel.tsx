import { Label } from "@patternfly/react-core";
import BanIcon from "@patternfly/react-icons/dist/esm/icons/ban-icon";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import type { OcspAnswer } from "../api/ocsp";

// The words of RFC 6960.
export function OcspLabel({ status }: { status: OcspAnswer["status"] }) {
  if (status === "good") return <Label color="green" icon={<CheckCircleIcon />}>good</Label>;
  if (status === "revoked") return <Label color="red" icon={<BanIcon />}>revoked</Label>;
  return <Label color="orange" icon={<ExclamationTriangleIcon />}>unknown</Label>;
}
