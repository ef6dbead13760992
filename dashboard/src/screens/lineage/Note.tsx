import { Button } from "@patternfly/react-core";
import { useState } from "react";
import type { TaggedLineage } from "../../api/inventory";
import { Moment } from "../../components/Moment";
import { useMay } from "../../session/rights";
import { visible } from "../../text/visible";
import { NoteDialog } from "./NoteDialog";

export function Note({ lineage }: { lineage: TaggedLineage }) {
  const { owner, note, noted_at, noted_by } = lineage.answer;
  const [isWriting, setIsWriting] = useState(false);
  const mayWrite = useMay("noteLineage");
  return (
    <section className="ql-note" aria-label="Owner and note">
      <div>
        <strong>{owner ? visible(owner) : "Nobody is named as its owner"}</strong>
        {note && <p className="ql-lines">{note.split("\n").map(visible).join("\n")}</p>}
        {noted_at !== undefined && (
          <p className="ql-muted">
            written by {visible(noted_by ?? "somebody")}, <Moment at={noted_at} form="row" />
          </p>
        )}
      </div>
      {mayWrite && (
        <Button variant="secondary" size="sm" onClick={() => setIsWriting(true)}>
          {owner || note ? "Change" : "Say who owns it"}
        </Button>
      )}
      {isWriting && <NoteDialog lineage={lineage} close={() => setIsWriting(false)} />}
    </section>
  );
}
