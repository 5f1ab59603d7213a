import {
  type Bundle,
  BundleError,
  type VerifiedTensor,
  type VerifyReport,
  verifyBundle,
} from '@handgrad/gradcheck'
import { readBundle } from '@handgrad/gradcheck/node'
import { formatShape } from '@handgrad/tensor'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { type Io, userPath } from '../io.ts'
import { type Column, header, rowOf } from '../table.ts'
import { findLayer } from '../verify/find-layer.ts'

export const command: CommandModule = {
  summary: "compare a layer's forward and backward pass with golden values in a bundle",
  define(program) {
    program
      .argument('<bundle>', 'a folder with bundle.json and tensors.safetensors')
      .option(
        '--layer <file>',
        'the module with your layer (default: the layer of ours that the bundle names)',
      )
      .option('--json', 'print the report as JSON', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { layer, json } = options as { layer?: string; json: boolean }
    const bundle = open(userPath(args[0]))
    const factory = await findLayer(layer === undefined ? undefined : userPath(layer), bundle)
    const report = verifyBundle(factory, bundle)
    if (json) io.out.line(JSON.stringify({ module: bundle.module, ...report }))
    else print(io, bundle, report)
    return report.passed ? exitCodes.ok : exitCodes.gate
  },
}

function open(folder: string): Bundle {
  try {
    return readBundle(folder)
  } catch (error) {
    if (error instanceof BundleError) throw new CliError(error.message, exitCodes.failure, { cause: error })
    throw error
  }
}

const columns: readonly Column<VerifiedTensor>[] = [
  { title: 'case', width: 16, cell: (row) => row.case },
  { title: 'dtype', width: 7, cell: ({ dtype }) => dtype },
  { title: 'tensor', width: 12, cell: ({ tensor }) => tensor },
  { title: 'shape', width: 12, cell: ({ shape }) => formatShape(shape) },
  { title: 'verdict', width: 7, cell: ({ passed }) => (passed ? 'right' : 'WRONG') },
  { title: 'ULP', width: 9, align: 'right', cell: ({ ulps }) => short(ulps) },
  {
    title: "bundle's",
    width: 8,
    align: 'right',
    cell: ({ theirUlps }) => (theirUlps === null ? '' : short(theirUlps)),
  },
]

const short = (value: number): string => (value < 10_000 ? value.toFixed(2) : value.toExponential(1))

function print({ out }: Io, { module, cases }: Bundle, { passed, tensors, problems }: VerifyReport): void {
  out.line(out.style('dim', header(columns)))
  for (const row of tensors) out.line(out.style(row.passed ? 'reset' : 'red', rowOf(columns, row)))
  for (const problem of problems) out.line(out.style('red', problem))
  const verdict = passed ? 'agrees' : `does not agree: ${problems.length} problems`
  out.line(`${module}: ${cases.length} cases, ${tensors.length} tensors; the layer ${verdict}`)
}

const help = `
A bundle comes from verify/export_bundle.py; verify/README.md describes its format. Your module exports a function
createLayer(bundle, dtype), or one class that is given the bundle's arguments. An element may be 4 times as far from
the float64 truth as PyTorch's own float32 values are at most, or 16 roundings of the largest value.
Exit codes: ${exitCodes.failure} for a bundle that cannot be read, ${exitCodes.gate} where the two do not agree.

Examples:
  handgrad verify verify/examples/silu --layer verify/examples/swish.ts
  handgrad verify my-bundle          a bundle of nn.Conv2d, say: checks ours
`
