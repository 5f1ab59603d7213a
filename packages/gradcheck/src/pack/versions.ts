/**
 * The version that made the most folders, and by folder those of the others.
 * @throws Error where there is no folder.
 */
export function versionsOf(madeBy: Readonly<Record<string, string>>): {
  torch: string
  otherTorch?: Record<string, string>
} {
  const versions = Object.values(madeBy)
  if (versions.length === 0) throw new Error('there are no golden values to pack')
  const count = (version: string): number => versions.filter((own) => own === version).length
  const torch = versions.reduce((most, version) => (count(version) > count(most) ? version : most))
  const others = Object.entries(madeBy).filter(([, version]) => version !== torch)
  return others.length === 0 ? { torch } : { torch, otherTorch: Object.fromEntries(others) }
}
