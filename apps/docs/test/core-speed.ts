import { Worker } from 'node:worker_threads'

const program = `
const work = () => {
  const seen = {}
  for (let i = 0, sum = 0; i < 2000; i++) {
    sum = (sum * 31 + i) | 0
    seen['k' + (i % 97)] = [i, sum]
  }
  return seen
}
// What is compiled first is not counted.
for (let i = 0; i < 20; i++) work()
const begun = performance.now()
let rounds = 0
while (performance.now() < begun + 60) {
  work()
  rounds++
}
require('node:worker_threads').parentPort.postMessage(rounds / (performance.now() - begun))
`

/** How fast one thread gets on now, in rounds of a small work (of objects, strings and arrays, as scripts of pages do) in a millisecond. */
export function speedOfCore(): Promise<number> {
  const worker = new Worker(program, { eval: true })
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}
