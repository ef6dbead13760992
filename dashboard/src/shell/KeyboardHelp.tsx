import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Modal, ModalBody, ModalHeader } from "@patternfly/react-core";
import { kPlaces } from "./keys";

const kKeys = [
  { keys: "/", does: "Search certificates" },
  ...kPlaces.map(({ key, name }) => ({ keys: `g ${key}`, does: name })),
  { keys: "?", does: "This list" },
  { keys: "Esc", does: "Close what is open" },
];

export function KeyboardHelp({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  return (
    <Modal variant="small" isOpen={isOpen} onClose={close} aria-labelledby="keyboard-title">
      <ModalHeader title="Keyboard" labelId="keyboard-title" />
      <ModalBody>
        <DescriptionList isHorizontal isCompact>
          {kKeys.map(({ keys, does }) => (
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
