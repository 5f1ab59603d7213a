import { parentPort } from 'node:worker_threads'
import type { Receive } from './platform.ts'

/** From the thread that started this one. */
export const receive: Receive = (start) => {
  parentPort!.once('message', start)
}
