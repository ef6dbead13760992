// How many of something in each hour or day, in parts that lie on each other. Each bar leads to them; the same numbers
// stand in a list for those who do not see the picture.
import { scaleBand, scaleLinear } from "d3-scale";
import { useHref, useNavigate } from "react-router";
import { Link } from "react-router";
import type { MouseEvent } from "react";
import { kDay, localDate, localHour } from "../text/time";

export interface Series {
  name: string;
  look: "live" | "replaced" | "due" | "bad" | "over"; // its colour, as style.css has it
}
export interface Bin {
  from: number;
  until: number;
  parts: readonly number[]; // one for each series
}
interface Props {
  label: string;
  series: readonly Series[];
  bins: readonly Bin[];
  linkOf: (bin: Bin) => string;
}

const kWidth = 720;
const kHeight = 190;
const kMargin = { top: 10, right: 8, bottom: 26, left: 56 };

const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + part, 0);
const nameOf = (bin: Bin) => (bin.until - bin.from < kDay ? localHour(bin.from) : localDate(bin.from));
const wordsOf = (bin: Bin, series: readonly Series[]) =>
  series.flatMap(({ name }, index) => (bin.parts[index] ? `${(bin.parts[index]).toLocaleString()} ${name}` : [])).join(", ");

export function Bars({ label, series, bins, linkOf }: Props) {
  const totals = bins.map(({ parts }) => sum(parts));
  const all = sum(totals);
  const x = scaleBand<number>()
    .domain(bins.map((_, index) => index))
    .range([kMargin.left, kWidth - kMargin.right])
    .padding(0.2);
  const y = scaleLinear()
    .domain([0, Math.max(1, ...totals)])
    .nice(4)
    .range([kHeight - kMargin.bottom, kMargin.top]);
  const labelEvery = Math.max(1, Math.ceil(bins.length / 6));
  return (
    <figure className="ql-chart">
      <svg viewBox={`0 0 ${kWidth} ${kHeight}`} role="group" aria-label={`${label}: ${all.toLocaleString()}`}>
        {y
          .ticks(4)
          .filter(Number.isInteger)
          .map((tick) => (
            <g key={tick} aria-hidden>
              <line className="ql-chart-grid" x1={kMargin.left} x2={kWidth - kMargin.right} y1={y(tick)} y2={y(tick)} />
              <text className="ql-chart-text" x={kMargin.left - 6} y={y(tick)} dy="0.32em" textAnchor="end">
                {tick.toLocaleString()}
              </text>
            </g>
          ))}
        {bins.map((bin, index) => {
          const left = x(index) ?? 0;
          let below = 0;
          return (
            <g key={bin.from}>
              {index % labelEvery === 0 && (
                <text className="ql-chart-text" x={left} y={kHeight - 8} aria-hidden>
                  {nameOf(bin).replace(/,? \d{4}$/, "")}
                </text>
              )}
              {(totals[index] ?? 0) > 0 && (
                <BarLink to={linkOf(bin)} label={`${nameOf(bin)}: ${wordsOf(bin, series)}`}>
                  {series.map(({ name, look }, part) => {
                    const from = below;
                    below += bin.parts[part] ?? 0;
                    return <rect key={name} className={`ql-bar-${look}`} x={left} width={x.bandwidth()} y={y(below)} height={y(from) - y(below)} />;
                  })}
                </BarLink>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption className="ql-legend">
        {series.map(({ name, look }) => (
          <span key={name}>
            <span className={`ql-key ql-key-${look}`} aria-hidden /> {name}
          </span>
        ))}
      </figcaption>
      {all > 0 && (
        <details>
          <summary>The numbers</summary>
          <ul className="ql-plain-list ql-numbers">
            {bins
              .filter((_, index) => (totals[index] ?? 0) > 0)
              .map((bin) => (
                <li key={bin.from}>
                  <Link to={linkOf(bin)}>{nameOf(bin)}</Link>: {wordsOf(bin, series)}
                </li>
              ))}
          </ul>
        </details>
      )}
    </figure>
  );
}

// A link inside a picture, which the router follows as any other. Who goes by keyboard has the list below it.
function BarLink({ to, label, children }: { to: string; label: string; children: React.ReactNode }) {
  const href = useHref(to);
  const navigate = useNavigate();
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // elsewhere, as links do
    event.preventDefault();
    void navigate(to);
  };
  return (
    <a href={href} aria-label={label} tabIndex={-1} onClick={go}>
      <title>{label}</title>
      {children}
    </a>
  );
}
