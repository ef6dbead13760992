// A directory or provider by its name: those that are known are offered, another may be typed.
import { FormGroup, TextInput } from "@patternfly/react-core";
import { useId } from "react";
import { visible } from "../text/visible";

export function ProviderField({ providers, value, change }: { providers: readonly string[]; value: string; change: (value: string) => void }) {
  const id = useId();
  return (
    <FormGroup label="Provider" fieldId={id} isRequired>
      <TextInput id={id} isRequired list={`${id}-known`} autoCapitalize="none" spellCheck="false" value={value} onChange={(_event, text) => change(text)} placeholder="acme" />
      <datalist id={`${id}-known`}>
        {providers.map((provider) => (
          <option key={provider} value={provider}>
            {visible(provider)}
          </option>
        ))}
      </datalist>
    </FormGroup>
  );
}
