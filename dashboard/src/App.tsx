import { lazy } from "react";
import { Route, Routes } from "react-router";
import Overview from "./screens/overview/Overview";
import { SignIn } from "./screens/sign_in/SignIn";
import { Shell } from "./shell/Shell";
import { useAppSelector } from "./store";

// One chunk a screen; the first screen comes with the page.
const Certificates = lazy(() => import("./screens/certificates/Certificates"));
const Certificate = lazy(() => import("./screens/certificate/Certificate"));
const Authorities = lazy(() => import("./screens/authorities/Authorities"));
const Tokens = lazy(() => import("./screens/tokens/Tokens"));
const Events = lazy(() => import("./screens/events/Events"));
const NotFound = lazy(() => import("./screens/not_found/NotFound"));

export function App() {
  const isSignedIn = useAppSelector((state) => state.session.identity !== null);
  if (!isSignedIn) return <SignIn />;
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Overview />} />
        <Route path="certificates" element={<Certificates />} />
        <Route path="certificates/:serial" element={<Certificate />} />
        <Route path="authorities" element={<Authorities />} />
        <Route path="tokens" element={<Tokens />} />
        <Route path="events" element={<Events />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
