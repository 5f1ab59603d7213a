import { basename } from 'node:path'
import { type FoundSpec, loadSpec, specPlaces } from '@handgrad/gradcheck/node'
import { CliError, exitCodes } from '../errors.ts'
import { repository } from '../repository.ts'

const folderOf = ({ place }: FoundSpec): string => basename(place.source)

/**
 * The specs of the repository that have one of the names, which are folders or classes; all of them without names.
 * @throws CliError for a name that nothing has, with those that there are.
 */
export async function findSpecs(names: readonly string[]): Promise<readonly FoundSpec[]> {
  const found = await Promise.all(specPlaces(repository).map((place) => loadSpec(place, repository)))
  const isCalled = (one: FoundSpec, name: string): boolean =>
    [folderOf(one), one.spec.name.toLowerCase()].includes(name.toLowerCase())
  const unknown = names.find((name) => !found.some((one) => isCalled(one, name)))
  if (unknown !== undefined) {
    const known = found.map(folderOf).join(', ')
    throw new CliError(`no layer is called '${unknown}': expected one of ${known}`, exitCodes.usage)
  }
  return names.length === 0 ? found : found.filter((one) => names.some((name) => isCalled(one, name)))
}
