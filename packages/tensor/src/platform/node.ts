import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../engine/worker-url.ts'
import type { Platform } from './platform.ts'

/** Threads of `node:worker_threads`. */
export const platform: Platform = {
  canShare: true,
  canWait: true,
  cores: availableParallelism(),

  startWorker(failed) {
    const worker = new Worker(address(), options())
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
}

/** @throws Error where there is no such file: the thread would say so too, but only once this one is idle. */
function address(): URL {
  const url = absolute(workerUrl() ?? new URL('../engine/worker.ts', import.meta.url))
  if (url.protocol === 'file:' && !existsSync(url)) throw new Error(`there is no file ${fileURLToPath(url)}`)
  return url
}

/** Of strings, node takes paths only. */
function absolute(url: URL | string): URL {
  if (typeof url !== 'string') return url
  return /^(file|data):/.test(url) ? new URL(url) : pathToFileURL(url)
}

/** A thread inherits the options of its process; it ends at once under one that is for a script from the command line. */
function options(): { execArgv?: string[] } {
  return process.execArgv.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {}
}
