// Passwords and accounts of one's own. They pass through this module alone: a question of api/api.ts would stay in the store.
import type { NewUser, User } from "../api/types";
import type { Problem } from "../api/problem";
import { ask, type Ask } from "../api/transport";
import type { Store } from "../store";
import { signIn } from "./sign_in";

type Host = Pick<Store, "dispatch" | "getState">;
const put = <Body>(store: Host, question: Ask) =>
  ask(question, { ...store, signal: new AbortController().signal }) as Promise<{ data: Body } | { error: Problem }>;

// It ends all sessions of that user: the new password signs in at once.
export async function setPassword(store: Host, user: string, password: string, old?: string): Promise<Problem | undefined> {
  const body = { password, ...(old === undefined ? {} : { old_password: old }) };
  const answer = await put<User>(store, { path: `/v1/users/${encodeURIComponent(user)}/password`, method: "PUT", body, signsIn: true });
  return "error" in answer ? answer.error : signIn(store, { user, password });
}

// The account of who came by the link of `quicklime up`: made, entered by its own link, and given a password.
export function administratorMaker(store: Host) {
  let made: NewUser | undefined;
  let isEntered = false;
  return async (user: string, name: string, password: string): Promise<Problem | undefined> => {
    if (!made) {
      const answer = await put<NewUser>(store, { path: "/v1/users", method: "POST", body: { user, name, role: "administrator" } });
      if ("error" in answer) return answer.error;
      made = answer.data;
    }
    if (!isEntered) {
      const problem = await signIn(store, { one_time: made.one_time });
      if (problem) return problem;
      isEntered = true;
    }
    return setPassword(store, made.user, password);
  };
}
