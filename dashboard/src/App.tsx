import { Bullseye, Spinner } from "@patternfly/react-core";
import { lazy, useEffect } from "react";
import { Route, Routes, useNavigate } from "react-router";
import Overview from "./screens/overview/Overview";
import { SignIn } from "./screens/sign_in/SignIn";
import { Welcome } from "./screens/welcome/Welcome";
import { takeReturn } from "./session/address";
import { Shell } from "./shell/Shell";
import { useAppSelector } from "./store";

// One chunk a screen; the first screen comes with the page.
const Certificates = lazy(() => import("./screens/certificates/Certificates"));
const Certificate = lazy(() => import("./screens/certificate/Certificate"));
const Authorities = lazy(() => import("./screens/authorities/Authorities"));
const Tokens = lazy(() => import("./screens/tokens/Tokens"));
const Events = lazy(() => import("./screens/events/Events"));
const Lineage = lazy(() => import("./screens/lineage/Lineage"));
const Revocations = lazy(() => import("./screens/revocations/Revocations"));
const Health = lazy(() => import("./screens/health/Health"));
const System = lazy(() => import("./screens/system/System"));
const Users = lazy(() => import("./screens/users/Users"));
const Rules = lazy(() => import("./screens/rules/Rules"));
const Sessions = lazy(() => import("./screens/sessions/Sessions"));
const Approve = lazy(() => import("./screens/approve/Approve"));
const NotFound = lazy(() => import("./screens/not_found/NotFound"));

export function App() {
  const { isBeginning, identity, isWelcomed } = useAppSelector((state) => state.session);
  const isSignedIn = identity !== null;
  const navigate = useNavigate();
  useEffect(() => {
    const path = isSignedIn ? takeReturn() : undefined;
    if (path !== undefined) void navigate(path, { replace: true });
  }, [isSignedIn, navigate]);
  if (isBeginning) {
    return (
      <Bullseye>
        <Spinner aria-label="Asking who is signed in" />
      </Bullseye>
    );
  }
  if (!identity) return <SignIn />;
  if (identity.session?.method === "one-time" && !isWelcomed) return <Welcome session={identity.session} />;
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Overview />} />
        <Route path="certificates" element={<Certificates />} />
        <Route path="certificates/:serial" element={<Certificate />} />
        <Route path="authorities" element={<Authorities />} />
        <Route path="tokens" element={<Tokens />} />
        <Route path="events" element={<Events />} />
        <Route path="lineage" element={<Lineage />} />
        <Route path="revocations" element={<Revocations />} />
        <Route path="health" element={<Health />} />
        <Route path="system" element={<System />} />
        <Route path="users" element={<Users />} />
        <Route path="rules" element={<Rules />} />
        <Route path="sessions" element={<Sessions />} />
        <Route path="approve" element={<Approve />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
