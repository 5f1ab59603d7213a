import { Worker } from 'node:worker_threads'

const WATCHED_MS = 40

const program = `
const end = performance.now() + ${WATCHED_MS}
const before = process.threadCpuUsage()
const begun = performance.now()
while (performance.now() < end);
const { user, system } = process.threadCpuUsage(before)
require('node:worker_threads').parentPort.postMessage((user + system) / 1000 / (performance.now() - begun))
`

/** Which part of a core one thread gets now: 1 on a machine that has nothing else to do. */
export function shareOfCore(): Promise<number> {
  const worker = new Worker(program, { eval: true })
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}
