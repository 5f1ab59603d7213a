import type { Sequential } from '@handgrad/layers'
import { models } from './models.ts'

/** A network of the user's own, and what tells it from another. */
export interface OwnNetwork {
  /** Makes it anew, drawn from the default generator. */
  make(): Sequential
  readonly origin: NetworkOrigin
}

/** What a network of the user's own is made by: kept in a run's state, so that it goes on with no other. */
export interface NetworkOrigin {
  /** The digest of each of its files, by its path as messages say it. */
  readonly files: Readonly<Record<string, string>>
}

/** Whether a config's `model` is the path of a module, not a name in `models`: it has a slash, or a module's ending. */
export const isOwnModel = (model: string): boolean => /[/\\]|\.[cm]?[jt]s$/.test(model)

/**
 * What makes the network of a config: one of `models`, or the user's own.
 * @throws TypeError where the config names a module, and the network that it makes is not given.
 */
export function makerOf(model: string, own: OwnNetwork | undefined): () => Sequential {
  if (!isOwnModel(model)) return models[model]
  if (own === undefined) throw new TypeError(`the network of ${model} is not given`)
  return () => own.make()
}
