import { Argument, Option } from 'commander'
import type { CommandModule } from '../command.ts'
import { exitCodes } from '../errors.ts'
import type { ExportTarget } from '../export/target.ts'
import { userPath } from '../io.ts'
import { modelOption, namedNetwork } from '../network/own-network.ts'
import { shownPath } from '../train/run-folder.ts'

interface Options {
  readonly to: keyof typeof targets
  readonly model?: string
  readonly out?: string
  readonly json: boolean
}

/** Each loads what it needs only when it is asked for. */
const targets = {
  onnx: (): Promise<{ target: ExportTarget }> => import('../export/onnx.ts'),
  safetensors: (): Promise<{ target: ExportTarget }> => import('../export/safetensors.ts'),
  torch: (): Promise<{ target: ExportTarget }> => import('../export/torch.ts'),
}

export const command: CommandModule = {
  summary: 'write a trained network, or a whole run, for other programs',
  define(parser) {
    parser
      .addArgument(new Argument('<source>', 'a run folder, or a model file (.safetensors, .onnx)'))
      .addOption(
        new Option('--to <format>', 'what to write').choices(Object.keys(targets)).makeOptionMandatory(),
      )
      .addOption(modelOption('which network, where the file does not say, or your own'))
      .option('--out <path>', 'where to write (default: beside what is read, where no such file is)')
      .option('--json', 'print one JSON object', false)
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { to, model, out, json } = options as unknown as Options
    const { target } = await targets[to]()
    const exported = await target.write({
      source: userPath(args[0]),
      model: await namedNetwork(model),
      out: out === undefined ? undefined : userPath(out),
      note: (text) => io.err.line(`note: ${text}`),
    })
    const path = shownPath(exported.path)
    io.out.line(json ? JSON.stringify({ event: 'exported', to, ...exported, path }) : `wrote ${path}`)
    return exitCodes.ok
  },
}

const help = `
Examples:
  handgrad export --to onnx runs/seed-1                     runs/seed-1/model.onnx
  handgrad export --to onnx weights.safetensors --model seed --out seed.onnx
  handgrad export --to safetensors seed.onnx                back again, or what PyTorch and others wrote of such layers
  handgrad export --to torch runs/seed-1 --out beyond       a folder in which PyTorch goes on with the run:
  torchrun --nproc-per-node 2 beyond/train.py               in as many processes as wanted,
  handgrad train --resume beyond                            and back here
`
