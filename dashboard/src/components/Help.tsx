// What stands below a field.
import { FormHelperText, HelperText, HelperTextItem, type HelperTextItemProps } from "@patternfly/react-core";

export const Help = ({ children, id, isWrong }: { children: React.ReactNode; id?: string; isWrong?: boolean }) => {
  const variant: HelperTextItemProps["variant"] = isWrong ? "error" : "default";
  return (
    <FormHelperText>
      <HelperText {...(id === undefined ? {} : { id })} isLiveRegion={isWrong !== undefined}>
        <HelperTextItem variant={variant}>{children}</HelperTextItem>
      </HelperText>
    </FormHelperText>
  );
};
