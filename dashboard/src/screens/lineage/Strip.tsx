// One lane as a picture: a bar for each certificate, which leads to it, the gaps between them, and now.
import { scaleLinear } from "d3-scale";
import type { MouseEvent } from "react";
import { useHref, useNavigate } from "react-router";
import type { Standing } from "../../text/standing";
import { localDate } from "../../text/time";
import { visible } from "../../text/visible";
import type { Bar, Lane } from "./lanes";

export interface Span {
  from: number;
  until: number;
}

const kWidth = 1000;
const kHeight = 36;
const kBar = 14;
const kLooks: Record<Standing, string> = {
  valid: "ql-bar-live",
  "not yet valid": "ql-bar-live",
  replaced: "ql-bar-replaced",
  "renewal due": "ql-bar-due",
  "on hold": "ql-bar-due",
  revoked: "ql-bar-over",
  expired: "ql-bar-over",
  "not known": "ql-bar-over",
};

export function Strip({ lane, span, now }: { lane: Lane; span: Span; now: number }) {
  const x = scaleLinear().domain([span.from, Math.max(span.until, span.from + 1)]).range([0, kWidth]).clamp(true);
  const name = lane.node ? visible(lane.node) : "no node";
  return (
    <div className="ql-strip">
      {/* Bars lie in two rows in turn, so that those that overlap are seen both. */}
      <svg viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" role="group" aria-label={`Certificates of ${name}`}>
        {lane.findings
          .filter(({ kind }) => kind === "gap" || kind === "ended")
          .map(({ from, until }) => (
            <rect key={from} className="ql-chart-gap" x={x(from)} width={Math.max(1, x(until ?? now) - x(from))} y={2} height={kHeight - 4} />
          ))}
        {lane.bars
          .filter(({ until }) => until >= span.from)
          .map((bar, index) => (
            <Linked key={bar.certificate.serial} bar={bar} left={x(bar.from)} right={x(bar.until)} top={3 + (index % 2) * (kBar + 2)} />
          ))}
        <line className="ql-chart-now" x1={x(now)} x2={x(now)} y1={0} y2={kHeight} />
      </svg>
      <div className="ql-strip-ends ql-muted" aria-hidden>
        <span>{localDate(span.from)}</span>
        <span>{localDate(span.until)}</span>
      </div>
    </div>
  );
}

function Linked({ bar, left, right, top }: { bar: Bar; left: number; right: number; top: number }) {
  const path = `/certificates/${bar.certificate.serial}`;
  const href = useHref(path);
  const navigate = useNavigate();
  const label = `${bar.standing}: ${localDate(bar.from)} to ${localDate(bar.until)}`;
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // elsewhere, as links do
    event.preventDefault();
    void navigate(path);
  };
  return (
    <a href={href} aria-label={label} onClick={go}>
      <title>{label}</title>
      <rect className={kLooks[bar.standing]} x={left} width={Math.max(3, right - left - 1)} y={top} height={kBar} rx={2} />
    </a>
  );
}
