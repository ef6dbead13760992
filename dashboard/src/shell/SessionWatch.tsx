// A session lives while somebody is there: what is done here extends it, and before it ends that is said.
import { Alert, Button } from "@patternfly/react-core";
import { useEffect, useRef, useState } from "react";
import type { Session } from "../api/types";
import type { Problem } from "../api/problem";
import { Moment } from "../components/Moment";
import { useNow } from "../components/now";
import { ProblemAlert } from "../components/ProblemAlert";
import { extend, lookAgain } from "../session/sign_in";
import { endOf } from "../text/session";
import { useAppSelector, useAppStore } from "../store";

const kMinute = 60_000;
export const kExtendEvery = 10 * kMinute; // each is an event of the log
const kNotice = 2 * kMinute;

export function SessionWatch() {
  const session = useAppSelector((state) => state.session.identity?.session);
  return session ? <Watch key={session.session} session={session} /> : null;
}

function Watch({ session }: { session: Session }) {
  const store = useAppStore();
  const now = useNow();
  const [problem, setProblem] = useState<Problem | undefined>();
  const [isAsking, setIsAsking] = useState(false);
  const active = useRef(0); // when somebody last did something
  const [extended, setExtended] = useState(() => Date.now()); // when this page last asked, or was opened
  const ends = Date.parse(endOf(session));
  const isLast = ends >= Date.parse(session.ends); // nothing extends it further

  useEffect(() => {
    const note = () => {
      active.current = Date.now();
    };
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, note, { capture: true, passive: true });
    return () => {
      for (const kind of ["keydown", "pointerdown"]) document.removeEventListener(kind, note, { capture: true });
    };
  }, []);

  useEffect(() => {
    if (now >= ends) void lookAgain(store);
    else if (!isLast && active.current > extended && now - extended >= kExtendEvery) {
      setExtended(now);
      void extend(store); // refused or not heard: the notice below comes in time
    }
  }, [now, ends, isLast, extended, store]);

  async function stay() {
    setIsAsking(true);
    setExtended(Date.now());
    setProblem(await extend(store));
    setIsAsking(false);
  }

  if (ends - now > kNotice) return null;
  return (
    <div role="status" className="ql-notice">
      {problem && <ProblemAlert problem={problem} doing="Extending the session" />}
      <Alert
        variant="warning"
        isInline
        title={
          <>
            Your session ends <Moment at={endOf(session)} form="relative" />
          </>
        }
        actionLinks={
          isLast ? undefined : (
            <Button variant="link" isInline isLoading={isAsking} isDisabled={isAsking} onClick={() => void stay()}>
              Stay signed in
            </Button>
          )
        }
      >
        {isLast ? "It has lasted as long as a session may. Afterwards you sign in again, and are on this screen again." : "Nobody has done anything here for a while."}
      </Alert>
    </div>
  );
}
