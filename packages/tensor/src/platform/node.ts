import { availableParallelism } from 'node:os'
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import { parentPort, Worker } from 'node:worker_threads'
import type { Platform } from './platform.ts'

/** Threads of `node:worker_threads`. */
export const platform: Platform = {
  canShare: true,
  canWait: true,
  cores: availableParallelism(),

  startWorker(failed) {
    // The sources run as they are; built files have another ending.
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`../engine/worker.${ending}`, import.meta.url))
    worker.on('error', (error) => failed(error.message))
    worker.on('exit', (code) => failed(`it ended with code ${code}`))
    worker.unref()
    return {
      send: (message) => worker.postMessage(message),
      stop: () => void worker.terminate(),
    }
  },

  setFlag(flag) {
    const before = cachedDataVersionTag()
    setFlagsFromString(flag)
    return cachedDataVersionTag() !== before
  },

  receive() {
    return new Promise((resolve) => parentPort!.once('message', resolve))
  },
}
