import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** So many bytes of one answer go out before it is another's turn. */
const PIECE = 4096
/** A line that was not watched for so many milliseconds has sent meanwhile, no more. */
const CAUGHT_UP_MS = 50

/** What a line is like. */
export interface LineSpeed {
  /** Milliseconds until an answer begins. */
  readonly latency: number
  /** Bytes in a second, of all answers together. */
  readonly rate: number
}

/** Sends answers over one line, which they share piece by piece. */
export function slowLine({
  latency,
  rate,
}: LineSpeed): (response: ServerResponse, bytes: Uint8Array) => Promise<void> {
  let free = 0
  return async (response, bytes) => {
    await sleep(latency)
    for (let at = 0; at < bytes.length && !response.destroyed; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE)
      free = Math.max(free, performance.now() - CAUGHT_UP_MS) + (1000 * piece.length) / rate
      await sleep(Math.max(0, free - performance.now()))
      response.write(piece)
    }
    response.end()
  }
}
