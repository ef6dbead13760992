// The page of who is not in yet.
import { Title } from "@patternfly/react-core";
import { useEffect, type ReactNode } from "react";
import icon from "../icon.svg";

export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Quicklime`;
  }, [title]);
  return (
    <main className="ql-sign-in">
      <header>
        <img src={icon} alt="" width="40" height="40" />
        <Title headingLevel="h1">Quicklime</Title>
      </header>
      {children}
    </main>
  );
}
