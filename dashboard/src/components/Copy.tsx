// A value with a button that copies it whole, however short it is shown.
import { Button } from "@patternfly/react-core";
import CheckIcon from "@patternfly/react-icons/dist/esm/icons/check-icon";
import CopyIcon from "@patternfly/react-icons/dist/esm/icons/copy-icon";
import { useEffect, useState } from "react";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      variant="plain"
      size="sm"
      hasNoPadding
      className="ql-copy"
      aria-label={copied ? "Copied" : label}
      title={copied ? "Copied" : label}
      icon={copied ? <CheckIcon /> : <CopyIcon />}
      onClick={() => {
        // Only where the page came by TLS or from this machine does a browser have it.
        void (navigator.clipboard as Clipboard | undefined)?.writeText(text).then(() => setCopied(true));
      }}
    />
  );
}

export function Copied({ text, shown, label }: { text: string; shown?: string; label: string }) {
  return (
    <span className="ql-copied">
      <code title={text}>{shown ?? text}</code> <CopyButton text={text} label={label} />
    </span>
  );
}
