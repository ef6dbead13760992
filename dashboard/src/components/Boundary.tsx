// One screen that fails leaves the others standing.
import { Alert, Button } from "@patternfly/react-core";
import { Component, type ReactNode } from "react";

export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Alert
        variant="danger"
        isInline
        title="This part of the page failed"
        actionLinks={
          <Button variant="link" isInline onClick={() => this.setState({ failed: false })}>
            Show it again
          </Button>
        }
      >
        The rest of the dashboard works. If it fails again, the command line shows the same: <code>quicklime list</code>.
      </Alert>
    );
  }
}
