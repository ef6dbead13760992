// How far what is on the screen is behind the log: said by every answer, never guessed.
import { Label } from "@patternfly/react-core";
import CheckCircleIcon from "@patternfly/react-icons/dist/esm/icons/check-circle-icon";
import ExclamationTriangleIcon from "@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon";
import OutlinedClockIcon from "@patternfly/react-icons/dist/esm/icons/outlined-clock-icon";
import UnlinkIcon from "@patternfly/react-icons/dist/esm/icons/unlink-icon";
import { isAtLeast } from "../api/position";
import { useNow } from "../components/now";
import { useAppSelector } from "../store";
import { relative, utc } from "../text/time";

const kStale = 5; // seconds: what is older than this decides nothing (views.write_limit)

export function Freshness() {
  const { view, written, unreachableSince } = useAppSelector((state) => state.session);
  const now = useNow();
  if (unreachableSince !== null) {
    return (
      <Label color="red" icon={<UnlinkIcon />} title={`No answer since ${utc(unreachableSince)}`}>
        server not reached{view && <span className="ql-wide">, shown as of {relative(view.at, Math.max(now, view.at))}</span>}
      </Label>
    );
  }
  if (!view) return null;
  const age = view.ageSeconds < 10 ? view.ageSeconds.toFixed(1) : Math.round(view.ageSeconds).toString();
  const title = `Position ${view.position} of the log, as answered at ${utc(view.at)}`;
  if (written && !isAtLeast(view.position, written)) {
    return (
      <Label color="blue" icon={<OutlinedClockIcon />} title={title}>
        waiting for {written}
      </Label>
    );
  }
  const isStale = view.ageSeconds > kStale;
  return (
    <Label color={isStale ? "orange" : "green"} icon={isStale ? <ExclamationTriangleIcon /> : <CheckCircleIcon />} title={title}>
      {isStale ? "behind: " : ""}
      {age} s <span className="ql-wide">behind the log · position {view.position}</span>
    </Label>
  );
}
