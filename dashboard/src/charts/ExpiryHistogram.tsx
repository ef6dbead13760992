// How many certificates end on which day (in which week, when there is little room). Each bar leads to them; the same
// numbers stand in a table for those who do not see the picture.
import { scaleBand, scaleLinear } from "d3-scale";
import { useMemo } from "react";
import { Link } from "react-router";
import { kDay, localDate } from "../text/time";

export interface Ending {
  at: number;
  isReplaced: boolean;
}
interface Bin {
  from: number;
  until: number;
  live: number; // nothing has replaced them
  replaced: number;
}
interface Props {
  endings: readonly Ending[];
  now: number;
  days: number;
  daysEach: number;
}

const kWidth = 720;
const kHeight = 170;
const kMargin = { top: 10, right: 8, bottom: 26, left: 34 };

export function binsOf(endings: readonly Ending[], now: number, days: number, daysEach: number): Bin[] {
  const bins: Bin[] = Array.from({ length: Math.ceil(days / daysEach) }, (_, index) => ({
    from: now + index * daysEach * kDay,
    until: now + (index + 1) * daysEach * kDay,
    live: 0,
    replaced: 0,
  }));
  for (const { at, isReplaced } of endings) {
    const bin = bins[Math.floor((at - now) / (daysEach * kDay))];
    if (bin) bin[isReplaced ? "replaced" : "live"] += 1;
  }
  return bins;
}

export function ExpiryHistogram({ endings, now, days, daysEach }: Props) {
  const bins = useMemo(() => binsOf(endings, now, days, daysEach), [endings, now, days, daysEach]);
  const most = Math.max(1, ...bins.map((bin) => bin.live + bin.replaced));
  const x = scaleBand<number>()
    .domain(bins.map((_, index) => index))
    .range([kMargin.left, kWidth - kMargin.right])
    .padding(0.2);
  const y = scaleLinear()
    .domain([0, most])
    .nice(4)
    .range([kHeight - kMargin.bottom, kMargin.top]);
  const ticks = y.ticks(4).filter(Number.isInteger);
  const labelEvery = Math.max(1, Math.ceil(bins.length / 6));
  return (
    <figure className="ql-chart">
      <svg viewBox={`0 0 ${kWidth} ${kHeight}`} role="img" aria-label={`Certificates that end in the next ${days} days: ${endings.length}. The table below has the numbers`}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line className="ql-chart-grid" x1={kMargin.left} x2={kWidth - kMargin.right} y1={y(tick)} y2={y(tick)} />
            <text className="ql-chart-text" x={kMargin.left - 6} y={y(tick)} dy="0.32em" textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        {bins.map((bin, index) => {
          const left = x(index) ?? 0;
          const total = bin.live + bin.replaced;
          return (
            <g key={bin.from}>
              {index % labelEvery === 0 && (
                <text className="ql-chart-text" x={left} y={kHeight - 8}>
                  {index === 0 ? "today" : localDate(bin.from).replace(/,? \d{4}$/, "")}
                </text>
              )}
              {total > 0 && (
                <>
                  <title>{`${localDate(bin.from)}: ${total}${bin.replaced > 0 ? `, ${bin.replaced} of them replaced` : ""}`}</title>
                  <rect className="ql-chart-bar" x={left} width={x.bandwidth()} y={y(bin.live)} height={y(0) - y(bin.live)} />
                  <rect className="ql-chart-bar-replaced" x={left} width={x.bandwidth()} y={y(total)} height={y(bin.live) - y(total)} />
                </>
              )}
            </g>
          );
        })}
      </svg>
      <figcaption className="ql-legend">
        <span className="ql-key ql-key-live" aria-hidden /> nothing has replaced it <span className="ql-key ql-key-replaced" aria-hidden /> a renewal has replaced it
      </figcaption>
      <details>
        <summary>The numbers</summary>
        <ul className="ql-plain-list">
          {bins
            .filter((bin) => bin.live + bin.replaced > 0)
            .map((bin) => (
              <li key={bin.from}>
                <Link to={`/certificates?status=good&expires=${new Date(bin.until).toISOString().slice(0, 19)}Z`}>until {localDate(bin.until)}</Link>: {bin.live + bin.replaced}
                {bin.replaced > 0 && `, ${bin.replaced} of them replaced`}
              </li>
            ))}
        </ul>
      </details>
    </figure>
  );
}
