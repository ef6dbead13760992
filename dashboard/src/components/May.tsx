// What a role may, in a row: its profiles and names, when it has such.
import { visible } from "../text/visible";

export const May = ({ profiles, names }: { profiles: readonly string[]; names: readonly string[] }) => (
  <>
    {names.map(visible).join(", ")}
    {profiles.length > 0 && <div className="ql-muted">{profiles.map(visible).join(", ")}</div>}
  </>
);
