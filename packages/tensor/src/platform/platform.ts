/** A worker thread that was started. */
export interface WorkerThread {
  /** Hands the worker what it starts from. */
  send(message: object): void
  stop(): void
}

/** What this package needs from where it runs; `#platform` picks `node.ts` or `browser.ts`. */
export interface Platform {
  /** False where threads cannot share memory: a page that is not cross-origin isolated. */
  readonly canShare: boolean
  /** Whether this thread may sleep: a browser's main thread may not. */
  readonly canWait: boolean
  /** Processors that threads can run on. */
  readonly cores: number
  /**
   * Starts `engine/worker.ts`, or what {@link setWorkerUrl} names; `failed` is told when it ends or throws.
   * @throws Error where no worker may be started, or its file is not there.
   */
  startWorker(failed: (reason: string) => void): WorkerThread
  /** Sets a flag of the JavaScript engine for all threads; false where that is not possible or changes nothing. */
  setFlag(flag: string): boolean
}

/**
 * In a worker: calls `start` with the first message that comes. A module of its own, so that a worker does not name
 * itself as the next one: bundlers take that for a circle.
 */
export type Receive = (start: (message: unknown) => void) => void
