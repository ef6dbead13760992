// Serial numbers: hex in answers; people paste them with colons, in capitals, or in decimal (RFC 5280: at most 20 octets).

const kHexDigits = 40;

// Which serials a text may mean, likeliest first; empty when it is none. Digits alone may be hex or decimal.
export function serialsOf(text: string): string[] {
  const trimmed = text.trim().replace(/^(serial[:=]\s*)/i, "");
  const found: string[] = [];
  const hex = trimmed.replace(/^0x/i, "").replace(/[:\s]/g, "").toLowerCase();
  if (/^[0-9a-f]{12,}$/.test(hex) && hex.length <= kHexDigits) found.push(hex);
  if (/^\d{15,}$/.test(trimmed)) {
    const decimal = BigInt(trimmed).toString(16);
    const octets = decimal.length % 2 === 0 ? decimal : `0${decimal}`;
    if (octets.length <= kHexDigits && !found.includes(octets)) found.push(octets);
  }
  return found;
}

export const decimalOf = (hex: string) => (/^[0-9a-f]+$/i.test(hex) ? BigInt(`0x${hex}`).toString() : "");
export const shortSerial = (hex: string) => (hex.length > 12 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex);
export const withColons = (hex: string) => (hex.match(/../g) ?? [hex]).join(":");
