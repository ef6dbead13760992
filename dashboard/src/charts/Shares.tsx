// What a whole is made of: one bar, and below it each part with its number, which leads to it.
import { Link } from "react-router";
import type { Series } from "./Bars";

export interface Share extends Series {
  count: number;
  link: string;
}

const kWidth = 1000;

export function Shares({ label, shares }: { label: string; shares: readonly Share[] }) {
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const width = (count: number) => (total === 0 ? 0 : (count / total) * kWidth);
  return (
    <div className="ql-shares">
      <svg viewBox={`0 0 ${kWidth} 10`} preserveAspectRatio="none" aria-hidden>
        {shares.map(
          ({ name, look, count }, index) =>
            count > 0 && <rect key={name} className={`ql-bar-${look}`} x={shares.slice(0, index).reduce((left, one) => left + width(one.count), 0)} width={Math.max(2, width(count) - 2)} height={10} />,
        )}
      </svg>
      <ul aria-label={label}>
        {shares.map(({ name, look, count, link }) => (
          <li key={name}>
            <Link to={link}>
              <strong>{count.toLocaleString()}</strong> <span className={`ql-key ql-key-${look}`} aria-hidden /> {name}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
