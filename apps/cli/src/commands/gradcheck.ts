import { type Survey, survey } from '@handgrad/gradcheck'
import { readFixture } from '@handgrad/gradcheck/node'
import type { CommandModule } from '../command.ts'
import { exitCodes } from '../errors.ts'
import { findSpecs } from '../gradcheck/find-specs.ts'
import { showProgress } from '../gradcheck/progress.ts'
import { printHeader, printRow, printTotals } from '../gradcheck/table.ts'
import { repository } from '../repository.ts'

export const command: CommandModule = {
  summary: 'prove every layer, loss and optimizer, or those that are named',
  define(program) {
    program
      .argument('[layers...]', 'by folder or class: conv2d, Conv2d')
      .option('--json', 'one JSON object per layer and one at the end', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const json = options['json'] === true
    const chosen = await findSpecs(args)
    const rows: Survey[] = []
    if (!json) printHeader(io)
    for (const [i, { place, spec }] of chosen.entries()) {
      const progress = showProgress(io, `${i + 1} of ${chosen.length}: ${spec.name}`, spec.cases.length)
      const row = survey(spec, readFixture(new URL(`${place.fixtures}/`, repository)), (item) =>
        progress.before(item),
      )
      progress.end()
      rows.push(row)
      if (json) io.out.line(JSON.stringify({ event: 'layer', ...row }))
      else printRow(io, row)
    }
    const passed = rows.every((row) => row.passed)
    if (json) io.out.line(JSON.stringify({ event: 'done', passed, layers: rows.length }))
    else printTotals(io, rows)
    return passed ? exitCodes.ok : exitCodes.gate
  },
}

const help = `
Each case is compared with PyTorch's float64 values in both precisions, differenced coordinate by coordinate in float64
(where a kink lies between x−ε and x+ε the coordinate is counted and skipped), and put into every line of the layer's
derivation. "ULP" is our float32 error and PyTorch's, median and largest over all tensors, in units in the last place
of the largest true value. "ratio" is our float32 error to PyTorch's, median and largest over all tensors on all backends:
at most 1 and 4 may be. An error smaller than one rounding of the terms that are summed, 2⁻²⁴ · max Σ|terms|, counts as
that, for both. Exit code ${exitCodes.gate} when something is wrong.

Examples:
  handgrad gradcheck             all of them, about a minute
  handgrad gradcheck linear      one layer
  handgrad gradcheck relu SGD    two
`
