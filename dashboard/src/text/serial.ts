// Serial numbers: hex in answers, with colons or in decimal for those who compare them elsewhere.

export const decimalOf = (hex: string) => (/^[0-9a-f]+$/i.test(hex) ? BigInt(`0x${hex}`).toString() : "");
export const shortSerial = (hex: string) => (hex.length > 12 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex);
export const withColons = (hex: string) => (hex.match(/../g) ?? [hex]).join(":");
