import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Modal, ModalBody, ModalHeader } from "@patternfly/react-core";
import { usePlaces } from "./keys";

export function KeyboardHelp({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const keysOfAll = [
    { keys: "/", does: "Search certificates" },
    ...usePlaces().map(({ key, name }) => ({ keys: `g ${key}`, does: name })),
    { keys: "?", does: "This list" },
    { keys: "Esc", does: "Close what is open" },
  ];
  return (
    <Modal variant="small" isOpen={isOpen} onClose={close} aria-labelledby="keyboard-title">
      <ModalHeader title="Keyboard" labelId="keyboard-title" />
      <ModalBody>
        <DescriptionList isHorizontal isCompact>
          {keysOfAll.map(({ keys, does }) => (
            <DescriptionListGroup key={keys}>
              <DescriptionListTerm>
                <kbd>{keys}</kbd>
              </DescriptionListTerm>
              <DescriptionListDescription>{does}</DescriptionListDescription>
            </DescriptionListGroup>
          ))}
        </DescriptionList>
      </ModalBody>
    </Modal>
  );
}
