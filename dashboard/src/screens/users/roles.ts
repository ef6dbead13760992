import type { Role } from "../../api/types";

// What a person may be; `process` is for programs of the CA itself.
export const kUserRoles = ["requester", "auditor", "agent", "administrator"] as const satisfies readonly Role[];
export type UserRole = (typeof kUserRoles)[number];
export const userRole = (role: Role): UserRole => kUserRoles.find((known) => known === role) ?? "requester";
