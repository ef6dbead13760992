// Names, labels and problems come from requests. What would turn the text around it (bidirectional controls) or show
// nothing at all (controls, joiners, tags) is written out, so that two names that differ look different.

const kHidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

export const visible = (text: string) =>
  text.replace(kHidden, (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`);
