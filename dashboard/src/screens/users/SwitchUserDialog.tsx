import { useSwitchUserMutation } from "../../api/people";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { switchUserCommands } from "../../text/commands";
import { visible } from "../../text/visible";

export function SwitchUserDialog({ user, name, act, close }: { user: string; name: string; act: "disable" | "enable"; close: () => void }) {
  const [change, state] = useSwitchUserMutation();
  const isDisabling = act === "disable";
  return (
    <ConfirmDialog
      title={`${isDisabling ? "Disable" : "Enable"} ${visible(name)}`}
      effects={
        isDisabling
          ? [
              "All their sessions end, and they are not let in again until they are enabled.",
              "What they asked for stays as it is: certificates are revoked one by one or by name.",
            ]
          : ["They sign in again with the password that they had. Sessions that ended stay ended."]
      }
      button={isDisabling ? "Disable" : "Enable"}
      look={isDisabling ? "danger" : "primary"}
      doing={isDisabling ? "Disabling the user" : "Enabling the user"}
      state={state}
      act={() => change({ user, act })}
      commands={switchUserCommands(act, user)}
      close={close}
    />
  );
}
