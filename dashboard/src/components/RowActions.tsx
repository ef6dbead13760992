// What can be done with a row, behind one button that names it.
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import EllipsisVIcon from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import { useState } from "react";

export interface RowAction {
  title: string;
  isDanger?: boolean;
  act: () => void;
}

export function RowActions({ label, actions }: { label: string; actions: readonly RowAction[] }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      popperProps={{ position: "right" }}
      toggle={(ref) => <MenuToggle ref={ref} variant="plain" aria-label={label} title={label} icon={<EllipsisVIcon />} isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)} />}
    >
      <DropdownList>
        {actions.map(({ title, isDanger = false, act }) => (
          <DropdownItem key={title} isDanger={isDanger} onClick={act}>
            {title}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
