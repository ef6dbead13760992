// What somebody may do: a role, and for requesters the profiles and names that they may ask for.
import { Checkbox, FormGroup, FormSelect, FormSelectOption, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import type { Role } from "../api/types";
import { Help } from "./Help";

export const kRoles = [
  { role: "requester", meaning: "asks for certificates with the names below, and sees those" },
  { role: "auditor", meaning: "sees everything, changes nothing" },
  { role: "agent", meaning: "sees everything; revokes, holds and releases" },
  { role: "administrator", meaning: "may do everything" },
] as const;
const kProfiles = ["tls-server", "tls-client", "tls-peer"];

// `profiles` and `names` are for requesters alone; undefined while something is missing.
export interface Granted<R extends Role> {
  role: R;
  profiles?: string[];
  names?: string[];
}

interface Start<R extends Role> {
  role: R;
  profiles?: readonly string[];
  names?: readonly string[];
}

export function useGrant<R extends Role>(roles: readonly R[], start: Start<R>) {
  const [role, setRole] = useState(start.role);
  const [profiles, setProfiles] = useState<readonly string[]>(start.profiles?.length ? start.profiles : ["tls-server"]);
  const [names, setNames] = useState(start.names?.join(" ") ?? "");
  const isRequester = role === "requester";
  const patterns = names.split(/[\s,]+/).filter(Boolean);
  const isComplete = !isRequester || (profiles.length > 0 && patterns.length > 0);
  const granted: Granted<R> | undefined = isComplete ? { role, ...(isRequester ? { profiles: [...profiles], names: patterns } : {}) } : undefined;
  const offered = [...new Set([...kProfiles, ...profiles])];
  const fields = (
    <>
      <FormGroup label="Role" fieldId="grant-role">
        <FormSelect id="grant-role" value={role} onChange={(_event, value) => setRole(value as R)}>
          {kRoles
            .filter((one) => (roles as readonly Role[]).includes(one.role))
            .map((one) => (
              <FormSelectOption key={one.role} value={one.role} label={`${one.role}: ${one.meaning}`} />
            ))}
        </FormSelect>
      </FormGroup>
      {isRequester && (
        <>
          <FormGroup label="Profiles" role="group" isInline fieldId="grant-profiles">
            {offered.map((profile) => (
              <Checkbox
                key={profile}
                id={`profile-${profile}`}
                label={profile}
                isChecked={profiles.includes(profile)}
                onChange={(_event, checked) => setProfiles(checked ? [...profiles, profile] : profiles.filter((one) => one !== profile))}
              />
            ))}
          </FormGroup>
          <FormGroup label="Names to ask for" fieldId="grant-names" isRequired>
            <TextInput id="grant-names" isRequired value={names} onChange={(_event, value) => setNames(value)} placeholder="*.load.internal 10.0.0.0/8" />
            <Help>
              One name, <code>*.load.internal</code> (one label), <code>**.internal</code> (everything below), <code>10.0.0.0/8</code>; with spaces between
            </Help>
          </FormGroup>
        </>
      )}
    </>
  );
  return { granted, role, fields };
}
