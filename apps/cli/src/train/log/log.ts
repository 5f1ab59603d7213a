import type { DoneEvent, EpochEvent } from '@handgrad/trainer'

/** What a log is written from: the epochs that are finished, and the test once it was read. */
export type Measures = readonly (EpochEvent | DoneEvent)[]

/** A kind of log: a file in the run's folder. */
export interface LogKind {
  readonly file: string
  /**
   * Begins a log, or goes on with the one whose bytes are `former`; `now` is in seconds. Gives what makes the whole file from
   * the measures so far: more of them only add bytes at its end.
   */
  open(former: Uint8Array | null, now: number): (measures: Measures) => Uint8Array
}
