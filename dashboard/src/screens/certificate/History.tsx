// What happened to it, oldest first, each with its position in the log: what there was then is one step away.
import { ProgressStep, ProgressStepper } from "@patternfly/react-core";
import { Link } from "react-router";
import type { CertificateDetail, HistoryEntry } from "../../api/types";
import { Moment } from "../../components/Moment";
import { reasonTitle } from "../../text/reasons";
import { shortSerial } from "../../text/serial";
import { visible } from "../../text/visible";

const kWords: Record<HistoryEntry["what"], { word: string; variant: "success" | "warning" | "danger" | "info" }> = {
  issued: { word: "Issued", variant: "success" },
  held: { word: "Put on hold", variant: "warning" },
  released: { word: "Released", variant: "success" },
  revoked: { word: "Revoked", variant: "danger" },
  renewed: { word: "Renewed", variant: "info" },
};

// The position just before: what lies behind it begins with the event itself.
function before(position: string): string {
  const [epoch = "0", offset = "0"] = position.split(".");
  const previous = BigInt(offset) - 1n;
  return previous < 0n ? position : `${epoch}.${previous}`;
}

export function History({ certificate: { serial, history = [], history_cut } }: { certificate: CertificateDetail }) {
  if (history.length === 0) return <p>The view has kept nothing of it: the log has.</p>;
  return (
    <>
      {history_cut && <p className="ql-muted">The newest hundred; the older ones are in the log alone.</p>}
      <ProgressStepper isVertical aria-label="What happened to it, oldest first">
        {history.map(({ what, position, time, reason, successor }) => (
          <ProgressStep
            key={position}
            id={`step-${position}`}
            titleId={`step-${position}-title`}
            variant={kWords[what]?.variant ?? "info"}
            aria-label={what}
            description={
              <>
                <Moment at={time} />
                {reason !== undefined && <>, {visible(reasonTitle(reason))}</>}
                {successor !== undefined && (
                  <>
                    , by <Link to={`/certificates/${successor}`}>{shortSerial(successor)}</Link>
                  </>
                )}
                . <Link to={`/events?after=${before(position)}`}>Position {visible(position)}</Link> of the log: <Link to={`/certificates/${serial}?as_of=${position}`}>as it was then</Link>
              </>
            }
          >
            {kWords[what]?.word ?? visible(what)}
          </ProgressStep>
        ))}
      </ProgressStepper>
    </>
  );
}
