import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { Link } from "react-router";
import { Screen } from "../../components/Screen";

export default function NotFound() {
  return (
    <Screen title="No such page">
      <EmptyState titleText="This address leads nowhere" headingLevel="h2">
        <EmptyStateBody>
          <Link to="/">Overview</Link> or <Link to="/certificates">all certificates</Link>
        </EmptyStateBody>
      </EmptyState>
    </Screen>
  );
}
