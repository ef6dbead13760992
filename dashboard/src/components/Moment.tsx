// A moment: how long from now, local time, and UTC. In a row the long forms are in the tooltip.
import { local, localDate, localWithZone, relative, utc } from "../text/time";
import { useNow } from "./now";

export function Moment({ at, form = "long" }: { at: string; form?: "long" | "row" | "relative" }) {
  const now = useNow();
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return <>{at}</>;
  const title = `${localWithZone(instant)}\n${utc(instant)}`;
  if (form === "relative") {
    return (
      <time dateTime={at} title={title}>
        {relative(instant, now)}
      </time>
    );
  }
  return (
    <time dateTime={at} title={title} className="ql-moment">
      <span className="ql-moment-relative">{relative(instant, now)}</span>{" "}
      <span className="ql-muted">{form === "row" ? localDate(instant) : `${local(instant)} (${utc(instant)})`}</span>
    </time>
  );
}
