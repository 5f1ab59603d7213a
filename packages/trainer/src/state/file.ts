import { type DType, type OwnBytes, readSafetensors, saveSafetensors, Tensor } from '@handgrad/tensor'
import type { TrainConfig } from '../config.ts'
import type { DataOrigin } from '../data.ts'
import type { EpochEvent } from '../events.ts'
import type { NetworkOrigin } from '../own-network.ts'
import { resolveConfig } from '../resolve-config.ts'
import { type RunState, RunStateError, type Within } from './run-state.ts'
import { checkSeal, sealed } from './seal.ts'
import { isObject, objectAt, whole } from './values.ts'
import { withinOf } from './within.ts'

/** The metadata key that makes a safetensors file a run state, and the version of its layout. */
const MARK = 'handgrad.run-state'
const VERSION = '2'

/**
 * A run state as a safetensors file.
 *
 * Tensors: `model.<name>` as in torch's state dict, `best.<name>` of the best epoch, `optimizer.<i>.<key>` as torch's
 * optimizer keeps it for parameter i (`momentum_buffer`; `step`, `exp_avg`, `exp_avg_sq`), `generator.default` [5056]
 * uint8 as `torch.get_rng_state()`; within an epoch also `sampler.order`, int32, the samples in this pass's order.
 * Metadata: `handgrad.run-state`, the version; `crc32`, the checksum of all bytes with zeros in its own place; `run`, JSON
 * with `config`, `images`, `data` (`dataset`, `folder`, `digest`), `network` (`files`, of a network of the user's own), `sampler` (`epoch` finished epochs, `batch` batches of
 * the pass under way), `within` (left out between two epochs), `optimizer` (`parameters`, `options`), `schedule` (or
 * null), `history`.
 */
export function saveRunState(state: RunState): OwnBytes {
  const { config, images, data, network, model, best, optimizer, schedule, generator, history, within } =
    state
  const prefixed = (prefix: string, of: Record<string, Tensor>): [string, Tensor][] =>
    Object.entries(of).map(([name, value]) => [`${prefix}${name}`, value])
  const tensors: [string, Tensor | Tensor<'uint8'> | Tensor<'int32'>][] = [
    ...prefixed('model.', model),
    ...prefixed('best.', best ?? {}),
    ...optimizer.state.flatMap((kept, i) => prefixed(`optimizer.${i}.`, kept)),
    ['generator.default', new Tensor<'uint8'>(generator, [generator.length])],
    ...orderOf(within),
  ]
  const sampler = { epoch: history.length, batch: within?.tally.batches ?? 0 }
  const rule = { parameters: optimizer.state.length, options: optimizer.options }
  const place = within && { ...within, sampler: { ...within.sampler, order: undefined } }
  const run = JSON.stringify({
    config,
    images,
    data,
    network,
    sampler,
    within: place,
    optimizer: rule,
    schedule,
    history,
  })
  const metadata = { format: 'pt', [MARK]: VERSION, run }
  return sealed((checksum) => saveSafetensors(Object.fromEntries(tensors), { ...metadata, ...checksum }))
}

function orderOf(within: Within | undefined): [string, Tensor<'int32'>][] {
  const order = within?.sampler.order
  return order == null ? [] : [['sampler.order', new Tensor<'int32'>(order, [order.length])]]
}

/**
 * Reads what {@link saveRunState} or `run_state.py` wrote; whether it fits a run is checked where the run is made.
 * @throws RunStateError or SafetensorsError for anything else, and where a single bit is another.
 */
export function loadRunState(bytes: Uint8Array): RunState {
  const { tensors, metadata } = readSafetensors(bytes)
  const version = metadata?.[MARK]
  if (metadata === undefined || version === undefined)
    throw new RunStateError(`the file is not one: its metadata has no ${MARK}`)
  if (version === VERSION) checkSeal(bytes, metadata)
  else if (version !== '1')
    throw new RunStateError(
      `has version ${JSON.stringify(version)}, expected 1 or ${VERSION}: a newer handgrad reads it`,
    )
  const run = parse(metadata.run)
  const entries = Object.entries(tensors)
  const floats = (prefix: string): Record<string, Tensor> => {
    const found = entries.filter(([name]) => name.startsWith(prefix))
    return record(found.map(([name, value]) => [name.slice(prefix.length), float32(name, value)]))
  }
  const [model, best] = [floats('model.'), floats('best.')]
  const { options, parameters } = objectAt(run, 'optimizer')
  if (!whole(parameters) || parameters > entries.length)
    throw new RunStateError(`optimizer.parameters is ${JSON.stringify(parameters)}`)
  const within = withinOf(run, tensors['sampler.order'])
  return {
    config: configOf(run),
    images: sizesOf(run),
    ...originOf(run),
    ...networkOf(run),
    model,
    ...(Object.keys(best).length > 0 && { best }),
    optimizer: {
      options: options as { lr: number },
      state: Array.from({ length: parameters }, (_, i) => floats(`optimizer.${i}.`)),
    },
    schedule: scheduleOf(run),
    generator: generatorOf(tensors['generator.default']),
    history: historyOf(run, within),
    ...(within && { within }),
  }
}

function parse(text: string | undefined): Record<string, unknown> {
  if (text === undefined) throw new RunStateError('its metadata has no run')
  try {
    return objectAt({ run: JSON.parse(text) as unknown }, 'run')
  } catch (error) {
    if (error instanceof RunStateError) throw error
    throw new RunStateError('run in its metadata is not JSON')
  }
}

function record(entries: readonly (readonly [string, Tensor])[]): Record<string, Tensor> {
  const made: Record<string, Tensor> = Object.create(null)
  for (const [name, value] of entries) made[name] = value
  return made
}

function float32(name: string, value: Tensor<DType>): Tensor {
  if (value.dtype !== 'float32')
    throw new RunStateError(`${JSON.stringify(name)} is ${value.dtype}, expected float32`)
  return value as Tensor
}

function configOf(run: Record<string, unknown>): TrainConfig {
  try {
    return resolveConfig(objectAt(run, 'config'))
  } catch (error) {
    if (error instanceof RunStateError) throw error
    throw new RunStateError(`config: ${(error as Error).message}`)
  }
}

function sizesOf(run: Record<string, unknown>): RunState['images'] {
  const { training, validation, test } = objectAt(run, 'images')
  if (!whole(training) || !whole(validation) || !whole(test))
    throw new RunStateError('images has no whole numbers training, validation and test')
  return { training, validation, test }
}

function originOf(run: Record<string, unknown>): { data?: DataOrigin } {
  if (run.data === undefined) return {}
  const { dataset, folder, digest } = objectAt(run, 'data')
  const isPath = folder === null || typeof folder === 'string'
  if (typeof dataset !== 'string' || !isPath || typeof digest !== 'string')
    throw new RunStateError('data has no strings dataset, folder (or null) and digest')
  return { data: { dataset, folder, digest } }
}

function networkOf(run: Record<string, unknown>): { network?: NetworkOrigin } {
  if (run.network === undefined) return {}
  const files = objectAt(objectAt(run, 'network'), 'files', 'network.')
  if (!Object.values(files).every((digest) => typeof digest === 'string'))
    throw new RunStateError('network.files has no digest for each of its files')
  return { network: { files: files as Record<string, string> } }
}

function scheduleOf(run: Record<string, unknown>): RunState['schedule'] {
  if (run.schedule === null) return null
  const { lastEpoch, lr } = objectAt(run, 'schedule')
  if (!whole(lastEpoch) || !Number.isFinite(lr))
    throw new RunStateError('schedule has no whole number lastEpoch and no number lr')
  return { lastEpoch, lr: lr as number }
}

function generatorOf(value: Tensor<DType> | undefined): Uint8Array {
  if (value?.dtype !== 'uint8') throw new RunStateError('has no generator.default of uint8')
  return (value as Tensor<'uint8'>).data
}

const measured = ['lr', 'trainLoss', 'trainAccuracy', 'validationLoss', 'validationAccuracy', 'seconds']

function historyOf(run: Record<string, unknown>, within: Within | undefined): EpochEvent[] {
  const { epoch, batch } = objectAt(run, 'sampler')
  const expected = within?.tally.batches ?? 0
  if (batch !== expected)
    throw new RunStateError(
      `stands at batch ${JSON.stringify(batch)}, expected ${within === undefined ? 'the start of an epoch' : expected}`,
    )
  const { history } = run
  if (!Array.isArray(history) || history.length !== epoch)
    throw new RunStateError(`history is not the list of its ${JSON.stringify(epoch)} epochs`)
  for (const [i, event] of history.entries()) {
    const wrong = isObject(event) ? measured.find((key) => !Number.isFinite(event[key])) : 'event'
    if (wrong !== undefined || (event as EpochEvent).epoch !== i + 1)
      throw new RunStateError(`history: epoch ${i + 1} is not in its place, with numbers for all measures`)
  }
  return history as EpochEvent[]
}
