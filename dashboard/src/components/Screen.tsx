// The frame of every screen: its title (of the document too), what can be done, and what is on it.
import { Flex, FlexItem, PageSection, Title } from "@patternfly/react-core";
import { useEffect, useRef, type ReactNode } from "react";

export function Screen({ title, heading, actions, children }: { title: string; heading?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Quicklime`;
  }, [title]);
  // Who followed a link that is gone begins at the heading, not at the top of the page again.
  const start = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) start.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <PageSection className="ql-heading">
        <Flex justifyContent={{ default: "justifyContentSpaceBetween" }} alignItems={{ default: "alignItemsCenter" }} gap={{ default: "gapSm" }}>
          <FlexItem className="ql-title">
            <Title headingLevel="h1" ref={start} tabIndex={-1}>
              {heading ?? title}
            </Title>
          </FlexItem>
          {actions && (
            <FlexItem>
              <Flex gap={{ default: "gapSm" }}>{actions}</Flex>
            </FlexItem>
          )}
        </Flex>
      </PageSection>
      <PageSection isFilled className="ql-content">
        {children}
      </PageSection>
    </>
  );
}
