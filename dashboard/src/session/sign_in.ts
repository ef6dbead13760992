// Signing in and out. A browser's session is a cookie that no script can read: the page asks the server who it is. A token
// goes along with every request instead.
import { api } from "../api/api";
import type { Problem } from "../api/problem";
import { ask, type Ask } from "../api/transport";
import type { Credentials, Me, Session, SignedIn } from "../api/types";
import type { Store } from "../store";
import { sessionEnded, sessionExtended, signedIn, signedOut, type Ended, type Identity } from "./session";
import { forgetToken, keepToken } from "./token";

type Host = Pick<Store, "dispatch" | "getState">;
type Answer<Body> = { data: Body } | { error: Problem };
const put = <Body>(store: Host, question: Ask) => ask(question, { ...store, signal: new AbortController().signal }) as Promise<Answer<Body>>;

const identityOf = (me: Me): Identity => ({
  role: me.role,
  id: me.actor.id,
  name: me.name,
  session: me.session ?? null,
});

// What the page begins with: the one-time link that it was opened by, else the session that this browser has.
export async function begin(store: Host, oneTime: string | undefined): Promise<void> {
  const problem = oneTime === undefined ? undefined : await signIn(store, { one_time: oneTime });
  if (problem) store.dispatch(signedOut({ what: "link", problem }));
  else if (oneTime === undefined && (await resume(store)) !== undefined) store.dispatch(signedOut());
}

// What somebody else saw here is nothing to who comes after.
function enter(store: Host, identity: Identity) {
  const before = store.getState().session.identity;
  if (before?.id !== identity.id) store.dispatch(api.util.resetApiState());
  store.dispatch(signedIn(identity));
}

export async function resume(store: Host): Promise<Problem | undefined> {
  const answer = await put<Me>(store, { path: "/v1/me", signsIn: true });
  if ("error" in answer) return answer.error;
  enter(store, identityOf(answer.data));
  return undefined;
}

export async function signIn(store: Host, credentials: Credentials): Promise<Problem | undefined> {
  forgetToken();
  const answer = await put<SignedIn>(store, { path: "/v1/sign-in", method: "POST", body: { ...credentials, cookie: true }, signsIn: true });
  return "error" in answer ? answer.error : resume(store);
}

export async function signInByToken(store: Host, text: string): Promise<Problem | undefined> {
  keepToken(text);
  const problem = await resume(store);
  if (problem) forgetToken();
  return problem;
}

// Nothing that one saw stays for who comes after. A cookie is the server's to take back: when it is not reached, that is said.
export async function signOut(store: Host): Promise<void> {
  const { identity } = store.getState().session;
  const answer = identity?.session ? await put<Session>(store, { path: "/v1/sessions/current", method: "DELETE", signsIn: true }) : undefined;
  const isLeft = answer !== undefined && "error" in answer && answer.error.status !== 401;
  leave(store, isLeft ? { what: "sign-out", problem: answer.error } : undefined);
}

export function leave(store: Pick<Store, "dispatch">, ended?: Ended) {
  forgetToken();
  store.dispatch(signedOut(ended));
  store.dispatch(api.util.resetApiState());
}

export async function extend(store: Host): Promise<Problem | undefined> {
  const answer = await put<Session>(store, { path: "/v1/sessions/current/extend", method: "POST" });
  if ("error" in answer) return answer.error;
  store.dispatch(sessionExtended(answer.data));
  return undefined;
}

// At the moment when a session would end: another window may have extended it.
export async function lookAgain(store: Host): Promise<void> {
  const problem = await resume(store);
  if (problem?.status === 401) store.dispatch(sessionEnded(problem));
}
