// Choosing a past moment, and saying all the while that it is one.
import { Alert, Button, Form, FormGroup, Popover, TextInput } from "@patternfly/react-core";
import HistoryIcon from "@patternfly/react-icons/dist/esm/icons/history-icon";
import { useState } from "react";
import { isPast } from "../text/query";
import { iso } from "../text/time";
import { visible } from "../text/visible";
import { Help } from "./Help";
import { Moment } from "./Moment";

export function AsOfControl({ asOf, choose }: { asOf: string; choose: (asOf: string) => void }) {
  const [moment, setMoment] = useState("");
  const [position, setPosition] = useState("");
  const chosen = position.trim() !== "" ? position.trim() : moment === "" ? "" : iso(new Date(moment).getTime());
  const isWrong = chosen !== "" && !isPast(chosen);
  return (
    <Popover
      aria-label="A past moment"
      headerContent="As it was"
      minWidth="18rem"
      bodyContent={(hide) => (
        <Form
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen === "" || isWrong) return;
            choose(chosen);
            hide();
          }}
        >
          <FormGroup label="At this moment (your time)" fieldId="as-of-moment">
            <TextInput id="as-of-moment" type="datetime-local" value={moment} onChange={(_event, value) => setMoment(value)} />
          </FormGroup>
          <FormGroup label="or at this position of the log" fieldId="as-of-position">
            <TextInput id="as-of-position" value={position} placeholder="0.512" validated={isWrong ? "error" : "default"} onChange={(_event, value) => setPosition(value)} />
            {isWrong && <Help isWrong>A position is two numbers with a point between: 0.512</Help>}
          </FormGroup>
          <Button type="submit" isDisabled={chosen === "" || isWrong}>
            Show it
          </Button>
        </Form>
      )}
    >
      <Button variant="secondary" icon={<HistoryIcon />} {...(asOf ? { isClicked: true } : {})}>
        As of…
      </Button>
    </Popover>
  );
}

export function AsOfNotice({ asOf, leave }: { asOf: string; leave: () => void }) {
  return (
    <Alert
      variant="info"
      isInline
      customIcon={<HistoryIcon />}
      title={<>As it was {/^\d+\.\d+$/.test(asOf) ? `at position ${visible(asOf)} of the log` : <Moment at={asOf} />}</>}
      actionLinks={
        <Button variant="link" isInline onClick={leave}>
          Back to now
        </Button>
      }
    >
      What stood in the log by then, and nothing that came after.
    </Alert>
  );
}
