import { endOf, exitCodes } from './errors.ts'
import { processIo } from './io.ts'
import { requireCurrentKernels } from './kernels.ts'
import { run } from './program.ts'
import { isCheckout, repository } from './repository.ts'

const io = processIo()

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    // The reader (head, less) has gone. A command that ends in good order listens; for any other this is the end.
    if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(exitCodes.brokenPipe)
  })
}

process.exitCode = await endOf(async () => {
  if (isCheckout) await requireCurrentKernels(repository)
  return run(process.argv.slice(2), io)
}, io)
