import type { Session } from "../api/types";

// When a session ends if nothing is done: `not_after` moves as it is extended, `ends` never does.
export const endOf = (session: Session) => (Date.parse(session.not_after) < Date.parse(session.ends) ? session.not_after : session.ends);
