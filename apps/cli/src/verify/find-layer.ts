import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Bundle, Checkable, LayerFactory } from '@handgrad/gradcheck'
import * as layers from '@handgrad/layers'
import * as lossOptim from '@handgrad/loss-optim'
import { CliError, exitCodes, oneLine } from '../errors.ts'
import { camelCase } from '../torch/build.ts'
import { inPrecision } from '../torch/precision.ts'

type Class = new (...args: unknown[]) => Checkable

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

const camelCased = (options: Bundle['options']): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]))

/** Arguments by position as they are, then the options in our spelling with the precision. */
const constructing =
  (Layer: Class): LayerFactory =>
  ({ args, options }, dtype) =>
    new Layer(...args, { ...camelCased(options), dtype })

/**
 * The layer to verify: what a user's module exports, as the function `createLayer(bundle, dtype)` or as its one class;
 * without a module the layer or loss of ours that the bundle names.
 * @throws CliError for a module or a name that gives none.
 */
export async function findLayer(path: string | undefined, bundle: Bundle): Promise<LayerFactory> {
  return path === undefined ? ownLayer(bundle) : layerOfModule(path)
}

function ownLayer({ module }: Bundle): LayerFactory {
  const name = module.slice(module.lastIndexOf('.') + 1)
  const found = (layers as Record<string, unknown>)[name] ?? (lossOptim as Record<string, unknown>)[name]
  if (isClass(found)) {
    return ({ args, options }, dtype) =>
      inPrecision((own) => new found(...args, own), camelCased(options), dtype)
  }
  throw new CliError(`there is no layer ${module} here: name yours with --layer <file>`, exitCodes.usage)
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    const message = `--layer: ${path} cannot be loaded: ${oneLine(error)}`
    throw new CliError(message, exitCodes.usage, { cause: error })
  }
}

async function layerOfModule(path: string): Promise<LayerFactory> {
  if (!existsSync(path)) throw new CliError(`--layer: there is no file ${path}`, exitCodes.usage)
  const exported = await load(path)
  const { createLayer } = exported
  if (typeof createLayer === 'function') return createLayer as LayerFactory
  const classes = Object.values(exported).filter(isClass)
  if (classes.length === 1) return constructing(classes[0])
  const hint = 'expected a function createLayer(bundle, dtype), or one class'
  throw new CliError(`--layer: ${path} exports ${classes.length} classes; ${hint}`, exitCodes.usage)
}
