import type { User } from "../../api/types";
import { useGrantUserMutation } from "../../api/people";
import { FormDialog } from "../../components/FormDialog";
import { useGrant } from "../../components/GrantFields";
import { grantCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { kUserRoles, nameOf, userRole } from "./roles";

export function GrantDialog({ user, close }: { user: User; close: () => void }) {
  const { granted: grant, fields } = useGrant(kUserRoles, { role: userRole(user.role), profiles: user.profiles ?? [], names: user.names ?? [] });
  const [change, state] = useGrantUserMutation();
  return (
    <FormDialog
      title={`What ${visible(nameOf(user))} may`}
      doing="Changing what they may"
      button="Change"
      state={state}
      send={
        grant &&
        (async () => {
          const answer = await change({ user: user.user, grant });
          if ("data" in answer && answer.data) close();
        })
      }
      commands={grant && grantCommands(user.user, grant)}
      close={close}
    >
      {fields}
      <p className="ql-muted">Their sessions end by it: they sign in again, and may what stands here.</p>
    </FormDialog>
  );
}
