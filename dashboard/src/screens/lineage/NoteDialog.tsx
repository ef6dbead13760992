// Who owns a service, and what else is to be known of it. Whoever was quicker is not overwritten: the server refuses, and
// what stands there now is shown.
import { FormGroup, TextArea, TextInput } from "@patternfly/react-core";
import { useState } from "react";
import { useNoteLineageMutation, type TaggedLineage } from "../../api/inventory";
import { isProblem } from "../../api/problem";
import { FormDialog } from "../../components/FormDialog";
import { Help } from "../../components/Help";
import { noteCommands } from "../../text/commands";
import { visible } from "../../text/visible";

export function NoteDialog({ lineage: { answer, tag }, close }: { lineage: TaggedLineage; close: () => void }) {
  const [owner, setOwner] = useState(answer.owner);
  const [note, setNote] = useState(answer.note);
  // What the form was filled from: it stays when the page behind is asked again.
  const [seen, setSeen] = useState(tag);
  const [write, state] = useNoteLineageMutation();
  const wanted = { owner: owner.trim(), note: note.trim() };
  const isOutrun = isProblem(state.error) && state.error.status === 409 && seen !== tag;
  return (
    <FormDialog
      title={`Owner and note of ${visible(answer.service)}`}
      doing="Writing the note"
      button={isOutrun ? "Replace what stands there now" : "Write"}
      state={state}
      send={async () => {
        const answered = await write({ service: answer.service, tag: isOutrun ? tag : seen, note: wanted });
        if (isOutrun) setSeen(tag);
        if ("data" in answered && answered.data) close();
      }}
      commands={noteCommands(answer.service, wanted, seen)}
      close={close}
    >
      {isOutrun && (
        <p>
          By now <strong>{visible(answer.noted_by ?? "somebody")}</strong> has written: owner <q>{visible(answer.owner)}</q>, note <q>{visible(answer.note)}</q>.
        </p>
      )}
      <FormGroup label="Owner" fieldId="lineage-owner">
        <TextInput id="lineage-owner" maxLength={253} value={owner} onChange={(_event, value) => setOwner(value)} placeholder="payments@example.com" />
        <Help>Whom to ask when a renewal is missing</Help>
      </FormGroup>
      <FormGroup label="Note" fieldId="lineage-note">
        <TextArea id="lineage-note" rows={4} maxLength={4000} resizeOrientation="vertical" value={note} onChange={(_event, value) => setNote(value)} placeholder="Renewed by the deploy job on Mondays" />
        <Help>Stays with the service, whatever its certificates are</Help>
      </FormGroup>
    </FormDialog>
  );
}
