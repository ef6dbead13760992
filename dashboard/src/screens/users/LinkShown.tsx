import type { OneTime } from "../../api/types";
import { Moment } from "../../components/Moment";
import { ShownOnce } from "../../components/ShownOnce";
import { visible } from "../../text/visible";

export function LinkShown({ title, name, link, close }: { title: string; name: string; link: OneTime; close: () => void }) {
  return (
    <ShownOnce
      title={title}
      warning="Copy it now: it is shown only here"
      meaning={
        <>
          Give it to {visible(name)} alone: whoever opens it first sets the password. It works once, until <Moment at={link.one_time_not_after} />.
        </>
      }
      label="Copy the link"
      text={link.one_time_url}
      close={close}
    />
  );
}
