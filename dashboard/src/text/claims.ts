// Claims as people write them, one a line: `groups=pki-admins`.

export interface Lines {
  conditions: string[];
  faults: string[]; // lines that are none
}

export function conditionsOf(text: string): Lines {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const isOne = (line: string) => /^[^=\s]+=.+$/.test(line);
  return { conditions: lines.filter(isOne), faults: lines.filter((line) => !isOne(line)) };
}
