// What is on the screen as a command line and as curl.
import { Button, Popover } from "@patternfly/react-core";
import TerminalIcon from "@patternfly/react-icons/dist/esm/icons/terminal-icon";
import type { Commands } from "../text/commands";
import { Code } from "./Code";

export function CopyAs({ commands }: { commands: Commands }) {
  return (
    <Popover
      aria-label="The same as a command"
      headerContent="The same as a command"
      minWidth="20rem"
      maxWidth="44rem"
      position="bottom-end"
      bodyContent={<CommandLines commands={commands} />}
    >
      <Button variant="secondary" icon={<TerminalIcon />} className="ql-copy-as" title="Copy as command">
        Copy as command
      </Button>
    </Popover>
  );
}

export function CommandLines({ commands }: { commands: Commands }) {
  return (
    <div className="ql-commands">
      {commands.cli !== undefined && (
        <>
          <h3>Command line</h3>
          <Code label="Copy as CLI">{commands.cli}</Code>
        </>
      )}
      <h3>curl</h3>
      <Code label="Copy as curl">{commands.curl}</Code>
      <p className="ql-muted">
        Both read the token from <code>$QUICKLIME_TOKEN</code> and know the server by <code>roots.pem</code>.
      </p>
    </div>
  );
}
