// Who may do what, so that nothing is offered that would be refused: the API's own words for each operation, and here what
// it says of those that are open to more than roles (who has a certificate's secret may revoke it, too).
import { kRolesOf } from "../api/roles";
import type { Role } from "../api/types";
import { useAppSelector } from "../store";

const kRights = {
  issue: kRolesOf.issueCertificate,
  exportCertificates: kRolesOf.exportCertificates,
  revoke: ["administrator", "agent", "requester"], // a requester those that he asked for, and sees no others
  revokeWithOthers: ["administrator", "agent"],
  hold: kRolesOf.holdCertificate,
  count: kRolesOf.countCertificates,
  seeHealth: kRolesOf.health,
  seeEvents: kRolesOf.listEvents,
  seeTokens: kRolesOf.listTokens,
  changeTokens: kRolesOf.createToken,
  seePeople: kRolesOf.listUsers,
  changePeople: kRolesOf.createUser,
  seeAllSessions: ["administrator", "auditor"], // others their own
} satisfies Record<string, readonly Role[]>;

export type Right = keyof typeof kRights;

export const may = (role: Role | undefined, right: Right) => role !== undefined && (kRights[right] as readonly Role[]).includes(role);
export const useMay = (right: Right) => useAppSelector((state) => may(state.session.identity?.role, right));
