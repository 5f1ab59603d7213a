import { imageFiles, onSite } from '../../workers/images.ts'

/** Addresses of what this page holds in memory, by file. */
type Held = Readonly<Record<string, string>>

let held: Promise<Held> | null = null

async function hold(address: string): Promise<string> {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`)
  return URL.createObjectURL(await response.blob())
}

async function fetchAll(): Promise<Held> {
  const addressOf = onSite('subset')
  const pairs = imageFiles.map(async (file) => [file, await hold(addressOf(file))] as const)
  return Object.fromEntries(await Promise.all(pairs))
}

/**
 * The images that ship with the site, fetched once for all workers of the page.
 * @throws Error when a file does not come; the next call tries again.
 */
export function fetchImages(): Promise<Held> {
  held ??= fetchAll().catch((error: unknown) => {
    held = null
    throw error
  })
  return held
}
