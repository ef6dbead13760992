// Revoking: the reason in plain words, the effect before, and what else may be in the same hands after.
import { Alert, Checkbox, FormGroup, Radio } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import { useRevokeManyMutation, useRevokeMutation } from "../../api/api";
import type { CertificateDetail, Reason, Revoked } from "../../api/types";
import { Effects } from "../../components/ConfirmDialog";
import { FormDialog } from "../../components/FormDialog";
import { useMay } from "../../session/rights";
import { revokeCommands } from "../../text/commands";
import { kLeafReasons } from "../../text/reasons";
import { shortSerial } from "../../text/serial";
import { bareName, nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import type { Done } from "./Certificate";

interface Props {
  certificate: CertificateDetail;
  close: () => void;
  finish: (done: Done) => void;
}

export function RevokeDialog({ certificate, close, finish }: Props) {
  const [reason, setReason] = useState<Reason>(certificate.replaced_by ? "superseded" : "unspecified");
  const [sameKey, setSameKey] = useState(false);
  const [withSuccessors, setWithSuccessors] = useState(false);
  const [revoke, { isLoading, error }] = useRevokeMutation();
  const [remaining, setRemaining] = useState<Revoked | null>(null);
  const mayTakeMore = useMay("revokeWithOthers");
  const isCompromise = reason === "keyCompromise";
  const name = visible(nameOf(certificate));

  async function act() {
    const answer = await revoke({
      serial: certificate.serial,
      reason,
      ...(sameKey ? { same_key: true } : {}),
      ...(withSuccessors ? { with_successors: true } : {}),
    });
    if (!("data" in answer) || !answer.data) return;
    const { data } = answer;
    if (left(data).length > 0 || data.more) setRemaining(data);
    else finish(doneOf(data));
  }

  const effects = [
    <>
      <strong>{certificate.names.length > 0 ? certificate.names.map((one) => visible(bareName(one))).join(", ") : name}</strong> can no longer be proved with this certificate
      {certificate.service !== undefined && <> (service {visible(certificate.service)}{certificate.node !== undefined && <> on {visible(certificate.node)}</>})</>}.
    </>,
    `OCSP says so within seconds; the CRL of ${visible(certificate.authority)} is published anew within seconds. Whoever keeps an old answer may trust it until that answer ends: OCSP an hour, CRLs a day.`,
    `It cannot be undone.${!isCompromise && mayTakeMore ? " To stop it for a while only, put it on hold instead." : ""}`,
    ...(isCompromise ? ["The key is blocked for ever. What is still live and may be in the same hands is named afterwards."] : []),
    ...(certificate.replaced_by ? [] : ["Nothing has replaced it: what uses it needs a new certificate first."]),
  ];

  if (remaining) return <RemainingDialog name={name} reason={reason} revoked={remaining} finish={finish} />;
  return (
    <FormDialog
      title={`Revoke ${name}`}
      doing="Revoking"
      button="Revoke"
      look="danger"
      state={{ isLoading, error }}
      send={act}
      commands={revokeCommands(certificate.serial, reason, sameKey, withSuccessors)}
      close={close}
    >
      <FormGroup role="radiogroup" isStack fieldId="reason" label="Why?">
        {kLeafReasons.map((words) => (
          <Radio
            key={words.reason}
            id={`reason-${words.reason}`}
            name="reason"
            label={words.title}
            description={
              <>
                {words.meaning} <code>{words.reason}</code>
              </>
            }
            isChecked={reason === words.reason}
            onChange={() => setReason(words.reason)}
          />
        ))}
      </FormGroup>
      {mayTakeMore && (
        <FormGroup role="group" isStack fieldId="also" label="What else?">
          <Checkbox id="same-key" label="Live certificates with the same key, too" isChecked={sameKey} onChange={(_event, checked) => setSameKey(checked)} />
          <Checkbox
            id="with-successors"
            label="Live certificates that were renewed from it, too"
            description={certificate.replaced_by ? "It was renewed. After a theft the renewal may be the thief's." : "It has not been renewed so far."}
            isChecked={withSuccessors}
            onChange={(_event, checked) => setWithSuccessors(checked)}
          />
        </FormGroup>
      )}
      <Effects effects={effects} />
    </FormDialog>
  );
}

const left = (revoked: Revoked) => [...new Set([...(revoked.same_key ?? []), ...(revoked.successors ?? [])])];

function doneOf(revoked: Revoked): Done {
  const also = revoked.also?.length ?? 0;
  return {
    what: also > 0 ? `Revoked, and ${also} more with it` : "Revoked",
    position: revoked.position,
    status: "revoked",
    ...(revoked.reason ? { reason: revoked.reason } : {}),
  };
}

// What the server named: live still, with the same key or renewed from it.
function RemainingDialog({ name, reason, revoked, finish }: { name: string; reason: Reason; revoked: Revoked; finish: (done: Done) => void }) {
  const [revokeMany, { isLoading, error }] = useRevokeManyMutation();
  const serials = left(revoked);
  const done = doneOf(revoked);
  async function act() {
    const answer = await revokeMany({ serials: serials.slice(0, 500), reason });
    if ("data" in answer && answer.data) {
      const count = answer.data.revocations.length;
      finish({ ...done, what: `Revoked, and ${count} more with it`, position: answer.data.position });
    }
  }
  return (
    <FormDialog
      title={`${name} is revoked. These are still live`}
      doing="Revoking"
      button={`Revoke ${serials.length === 1 ? "it" : `these ${serials.length}`}, too`}
      look="danger"
      leaveButton="Leave them"
      state={{ isLoading, error }}
      send={serials.length > 0 ? act : undefined}
      close={() => finish(done)}
    >
      <Serials title="With the same key" serials={revoked.same_key ?? []} leave={() => finish(done)} />
      <Serials title="Renewed from it" serials={revoked.successors ?? []} leave={() => finish(done)} />
      {revoked.more && <Alert variant="warning" isInline title="There may be more than are named here. Look again after these." />}
    </FormDialog>
  );
}

function Serials({ title, serials, leave }: { title: string; serials: readonly string[]; leave: () => void }) {
  if (serials.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {serials.map((serial) => (
          <li key={serial}>
            <Link to={`/certificates/${serial}`} onClick={leave}>
              <code title={serial}>{shortSerial(serial)}</code>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
