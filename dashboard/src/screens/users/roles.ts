import type { Role, User } from "../../api/types";

// What a person may be; `process` is for programs of the CA itself.
export const kUserRoles = ["requester", "auditor", "agent", "administrator"] as const satisfies readonly Role[];
export type UserRole = (typeof kUserRoles)[number];
export const userRole = (role: Role | undefined): UserRole => kUserRoles.find((known) => known === role) ?? "requester";

// Of a directory's people only that they are disabled is known here.
export const isLocal = ({ user }: User) => user.startsWith("local:");
export const nameOf = ({ user, name }: User) => name ?? user;
