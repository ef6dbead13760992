// As much of DER as a question to an OCSP responder and its answer need (X.690, RFC 5280, RFC 6960).

export interface Element {
  tag: number;
  body: Uint8Array<ArrayBuffer>;
  whole: Uint8Array<ArrayBuffer>; // with tag and length
}

// The elements that lie one after the other in `octets`. Throws RangeError at what is not DER.
export function elementsOf(octets: Uint8Array<ArrayBuffer>): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at] ?? 0;
    let length = octets[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) throw new RangeError("a length that is not DER");
      length = 0;
      for (let index = 0; index < count; ++index) length = length * 256 + (octets[start + index] ?? 0);
      start += count;
    }
    const end = start + length;
    if (end > octets.length) throw new RangeError("an element that is cut off");
    found.push({ tag, body: octets.slice(start, end), whole: octets.slice(at, end) });
    at = end;
  }
  return found;
}

// The element at a path of indexes: [0, 3] is the fourth inside the first.
export function elementAt(octets: Uint8Array<ArrayBuffer>, ...path: number[]): Element {
  let found: Element | undefined;
  let inside = octets;
  for (const index of path) {
    found = elementsOf(inside)[index];
    if (!found) throw new RangeError("an element is missing");
    inside = found.body;
  }
  if (!found) throw new RangeError("no path");
  return found;
}

export function element(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  const made = new Uint8Array(header.length + length);
  made.set(header);
  let at = header.length;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

// GeneralizedTime as RFC 5280 has it: 20261128101500Z.
export function timeOf({ body }: Element): string {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(new TextDecoder().decode(body));
  if (!match) throw new RangeError("a time that is not GeneralizedTime");
  const [, year, month, day, hour, minute, second] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
