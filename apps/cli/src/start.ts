import { setImmediate } from 'node:timers/promises'
import { endOf, exitCodes } from './errors.ts'
import { checkedOutput, processIo } from './io.ts'
import { requireCurrentKernels } from './kernels.ts'
import { run } from './program.ts'
import { isCheckout, repository } from './repository.ts'
import { deaf } from './stop.ts'

const io = processIo()

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A full disk, a terminal that has gone: what is at work goes on, and the end says so.
    if (error.code !== 'EPIPE') return
    // The reader (head, less) has gone. A command that ends in good order listens; for any other this is the end.
    const isHeard = process.listeners('SIGPIPE').some((listener) => listener !== deaf)
    if (!isHeard) process.exit(exitCodes.brokenPipe)
    process.emit('SIGPIPE', 'SIGPIPE')
  })
}

const exitCode = await endOf(async () => {
  return run(process.argv.slice(2), io, async () => {
    if (isCheckout) await requireCurrentKernels(repository)
  })
}, io)
// Streams tell of their errors in a later turn.
await setImmediate()
process.exitCode = checkedOutput(exitCode, io)
