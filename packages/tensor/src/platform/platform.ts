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
  /** Starts `engine/worker.ts`; `failed` is told when it ends or throws. */
  startWorker(failed: (reason: string) => void): WorkerThread
  /** Sets a flag of the JavaScript engine for all threads; false where that is not possible or changes nothing. */
  setFlag(flag: string): boolean
  /** In a worker: the first message that was sent to it. */
  receive(): Promise<unknown>
}
