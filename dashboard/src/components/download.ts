// Files that are made of what the page has: PEM and DER.

export function save(name: string, type: string, content: string | Uint8Array<ArrayBuffer>) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function derOf(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = pem.replace(/-----[^-]+-----/g, "").replace(/\s/g, "");
  const octets = atob(base64);
  return Uint8Array.from(octets, (character) => character.charCodeAt(0));
}

// A file name for a certificate: of its name what is safe in one.
export const fileName = (name: string) => name.replace(/^\*/, "_wildcard").replace(/[^\w.-]+/g, "_").replace(/^\.+/, "").slice(0, 100) || "certificate";
