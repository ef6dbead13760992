// Positions in the log, "<epoch>.<offset>": compared as numbers, which may be larger than 2^53.
import type { Position } from "./types";

export function isAtLeast(position: Position, wanted: Position): boolean {
  const parts = (text: Position) => text.split(".").map((part) => BigInt(part || 0)) as [bigint, bigint];
  const [epoch, offset] = parts(position);
  const [wantedEpoch, wantedOffset] = parts(wanted);
  return epoch > wantedEpoch || (epoch === wantedEpoch && offset >= wantedOffset);
}

export const isPosition = (text: string | null | undefined): text is Position => /^\d+\.\d+$/.test(text ?? "");
