import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDescription, datasets } from '@handgrad/data'
import { makerOf, type OwnNetwork, type RunState } from '@handgrad/trainer'
import { modelName } from '../network/own-network.ts'
import { networkSource } from '../torch/describe.ts'
import { readEpochEnd } from '../train/checkpoints.ts'
import { dataFolder } from '../train/data-folder.ts'
import { checkOut, openRunFolder } from '../train/run-folder.ts'
import { savedData } from '../train/saved-data.ts'
import type { ExportRequest, ExportTarget } from './target.ts'

const python = new URL('../../python/', import.meta.url)

/** The three places of train.py that differ from run to run. */
const places = {
  network: '    return nn.Sequential()\n',
  data: 'DATA = "<data folder>"\n',
  scale: 'MEAN, STD = 0.0, 1.0 ',
} as const

/** The folder in which PyTorch goes on with a run: train.py, run_state.py, the run's state and its config. */
export const target: ExportTarget = {
  async write({ source, model, out = join(source, 'torch'), note }: ExportRequest) {
    const network = typeof model === 'object' ? model : undefined
    const { state, path } = await readEpochEnd(source, note, network)
    if (state.config.earlyStop !== null) note('PyTorch trains all epochs: train.py does not stop early')
    await checkOut(out)
    const { dataDir } = await savedData(source, state)
    const files = [
      ['run_state.py', await readFile(new URL('run_state.py', python))],
      ['train.py', await trainScript(state, network, dataFolder(state.config.dataset, dataDir))],
      ['config.json', `${JSON.stringify({ ...state.config, dataDir: dataDir ?? null }, null, 2)}\n`],
      ['state.safetensors', await readFile(path)],
    ] as const
    const folder = await openRunFolder(out, 'torch')
    try {
      for (const [name, content] of files) await folder.write(name, content)
    } catch (error) {
      await folder.discard()
      throw error
    } finally {
      await folder.close()
    }
    return { path: out, model: modelName(state.config.model), epochs: state.history.length }
  },
}

async function trainScript({ config }: RunState, own: OwnNetwork | undefined, data: string): Promise<string> {
  const { mean, std } = datasets.find(({ name }) => name === config.dataset) as DatasetDescription
  const script = await readFile(new URL('train.py', python), 'utf8')
  const network = networkSource(makerOf(config.model, own)(), '    ')
  return [
    [places.network, `    return ${network}\n`],
    [places.data, `DATA = ${JSON.stringify(data)}\n`],
    [places.scale, `MEAN, STD = ${mean}, ${std} `],
  ].reduce((text, [place, content]) => filled(text, place, content), script)
}

/** @throws Error where `place` is not there, or more than once: the template is another one. */
export function filled(script: string, place: string, content: string): string {
  if (script.split(place).length !== 2)
    throw new Error(`train.py has no place for ${JSON.stringify(content)}`)
  return script.replace(place, () => content)
}
