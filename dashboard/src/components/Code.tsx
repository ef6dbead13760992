// Lines to copy: commands, PEM.
import { CodeBlock, CodeBlockAction, CodeBlockCode } from "@patternfly/react-core";
import { CopyButton } from "./Copy";

export function Code({ children, label }: { children: string; label: string }) {
  return (
    <CodeBlock
      actions={
        <CodeBlockAction>
          <CopyButton text={children} label={label} />
        </CodeBlockAction>
      }
    >
      <CodeBlockCode>{children}</CodeBlockCode>
    </CodeBlock>
  );
}
