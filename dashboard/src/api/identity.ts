// People, sessions and rules as the API says them.
import type { Position, Role } from "./types";

export type Method = "password" | "directory" | "browser" | "assertion" | "certificate" | "one-time" | "approved";

export interface Session {
  session: string;
  user: string; // local:alice, acme:alice
  name: string;
  method: Method;
  provider: string;
  role: Role;
  profiles: string[];
  names: string[];
  created: string;
  not_after: string; // then it ends, whatever is done
  ends: string; // then it ends, unless it is extended
  ended: string | null;
  failures: number; // of this name since its last success
  current: boolean;
}

export interface Me {
  actor: { kind: string; id: string };
  name: string;
  role: Role;
  profiles: string[];
  names: string[];
  session: Session | null;
}

export type Way = { way: "password" } | { way: "directory"; provider: string } | { way: "browser"; provider: string; url: string };
export interface SignInPage {
  banner: string | null;
  ways: Way[];
}
export type Credentials = { user: string; password: string } | { one_time: string };

export interface NewSession {
  session: Session;
  position: Position;
}

export interface User {
  user: string;
  name: string;
  role: Role;
  profiles: string[];
  names: string[];
  enabled: boolean;
  has_password: boolean;
  created: string;
  changed: string;
}
export interface Grant {
  role: Role;
  profiles?: string[];
  names?: string[];
}
export type UserRequest = Grant & { user: string; name: string };
export interface OneTime {
  one_time_url: string;
  one_time: string;
  not_after?: string;
}
export type NewUser = User & OneTime;
export interface UserList {
  users: User[];
  position: Position;
  age_seconds: number;
}

export interface Rule {
  rule: string;
  provider: string;
  when: string[]; // groups=pki-admins: all of them must hold
  role: Role;
  profiles: string[];
  names: string[];
  changed: string;
}
export type RuleRequest = Grant & { provider: string; when: string[] };
export interface RuleList {
  rules: Rule[];
  position: Position;
  age_seconds: number;
}
export interface RuleTest {
  provider: string;
  claims: Record<string, string[]>;
}
export interface RuleVerdict {
  matches: string[];
  role: Role;
  profiles: string[];
  names: string[];
}

export interface SessionList {
  sessions: Session[];
  position: Position;
  age_seconds: number;
}
