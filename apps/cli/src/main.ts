import { CliError, exitCodes, oneLine } from './errors.ts'
import { processIo } from './io.ts'
import { requireCurrentKernels } from './kernels.ts'
import { run } from './program.ts'
import { repository } from './repository.ts'

const io = processIo()

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    // The reader (head, less) has gone. A command that ends in good order listens; for any other this is the end.
    if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(exitCodes.brokenPipe)
  })
}

try {
  await requireCurrentKernels(repository)
  process.exitCode = await run(process.argv.slice(2), io)
} catch (error) {
  process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.failure
  io.err.line(`error: ${oneLine(error)}`)
  if (process.env['HANDGRAD_STACK']) io.err.line(error instanceof Error ? error.stack : '')
}
