import { useRevokeTokenMutation } from "../../api/api";
import type { Token } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { revokeTokenCommands } from "../../text/commands";
import { visible } from "../../text/visible";

export function RevokeTokenDialog({ token, isOwn, close }: { token: Token; isOwn: boolean; close: () => void }) {
  const [revoke, state] = useRevokeTokenMutation();
  return (
    <ConfirmDialog
      title={`Revoke the token ${visible(token.name)}`}
      warning={isOwn ? "This is the token that you are signed in with" : undefined}
      effects={[
        ...(isOwn ? ["You are signed out at once, and need another one to come back."] : []),
        "Whoever uses it is refused from now on. It cannot be undone.",
        "Certificates that it asked for stay as they are.",
      ]}
      button="Revoke"
      doing="Revoking the token"
      state={state}
      act={() => revoke(token.id)}
      commands={revokeTokenCommands(token.id)}
      close={close}
    />
  );
}
