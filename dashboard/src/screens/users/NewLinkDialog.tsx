import { useState } from "react";
import type { OneTime, User } from "../../api/types";
import { useOneTimeOfUserMutation } from "../../api/people";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { oneTimeCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { LinkShown } from "./LinkShown";
import { nameOf } from "./roles";

export function NewLinkDialog({ user, close }: { user: User; close: () => void }) {
  const [make, { reset, ...state }] = useOneTimeOfUserMutation();
  const [link, setLink] = useState<OneTime | null>(null);
  const name = visible(nameOf(user));
  if (link) return <LinkShown title={`Link for ${name}`} name={nameOf(user)} link={link} close={close} />;
  return (
    <ConfirmDialog
      title={`A new link for ${name}`}
      effects={["It is shown to you once; whoever opens it sets the password.", "The password until now works until then. Setting another signs them out everywhere."]}
      button="Make the link"
      look="primary"
      doing="Making the link"
      state={state}
      act={async () => {
        const answer = await make(user.user);
        if (!("data" in answer) || !answer.data) return answer;
        setLink(answer.data);
        reset();
        return { stays: true };
      }}
      commands={oneTimeCommands(user.user)}
      close={close}
    />
  );
}
