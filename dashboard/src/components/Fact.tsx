// A term and what there is to say of it.
import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from "@patternfly/react-core";
import type { ReactNode } from "react";

export const Facts = ({ children }: { children: ReactNode }) => (
  <DescriptionList isHorizontal isCompact className="ql-facts">
    {children}
  </DescriptionList>
);

export const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <DescriptionListGroup>
    <DescriptionListTerm>{term}</DescriptionListTerm>
    <DescriptionListDescription>{children}</DescriptionListDescription>
  </DescriptionListGroup>
);
