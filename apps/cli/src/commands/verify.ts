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
import { isPackCall, type PackFlags, verifyPack } from '../verify/pack.ts'

export const command: CommandModule = {
  summary: "compare a layer's passes, or what any program computed, with golden values",
  define(program) {
    program
      .argument('[bundle]', 'a folder with bundle.json and tensors.safetensors')
      .option(
        '--layer <file>',
        'the module with your layer (default: the layer of ours that the bundle names)',
      )
      .option('--pack <folder>', 'the cases of `pnpm pack:goldens`, instead of a bundle')
      .option('--outputs <folder>', "your program's answers: <case>/outputs.safetensors or outputs.npz")
      .option('--only <part...>', 'the cases of the pack whose names begin so: conv2d/, relu/images')
      .option('--forward', 'ask for what a forward pass gives alone', false)
      .option('--all', 'a case that has no answer is a failure', false)
      .option('--junit <file>', 'write the results of a pack as JUnit XML too')
      .option('--json', 'print the report as JSON', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { layer, json, ...pack } = options as unknown as PackFlags & {
      layer?: string
      json: boolean
    }
    if (isPackCall(pack, { bundle: args[0], layer })) return verifyPack(pack, json, io)
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

Without a layer to load: a program in any language reads the inputs of a pack's cases and writes its answers as files, and
--pack with --outputs compares them. Each case states how far each of its tensors may be off, in each floating-point type.
Zeros, a copy of an input, another case's answer and the right answer with its axes turned are named.
Exit codes: ${exitCodes.failure} for a bundle or a pack that cannot be read, ${exitCodes.gate} where the two do not agree.

Examples:
  handgrad verify verify/examples/silu --layer verify/examples/swish.ts
  handgrad verify my-bundle          a bundle of nn.Conv2d, say: checks ours
  handgrad verify --pack dist/goldens --outputs answers --only conv2d/
`
