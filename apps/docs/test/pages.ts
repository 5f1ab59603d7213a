import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const dist = join(import.meta.dirname, '../dist')

/** The addresses of all pages of the built site, those of the API reference apart. */
export function builtPages(): { prose: string[]; api: string[] } {
  const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('index.html'))
    .map((file) => `/${file.replace(/index\.html$/, '')}`)
    .sort()
  return {
    prose: pages.filter((page) => !page.startsWith('/api/')),
    api: pages.filter((page) => page.startsWith('/api/')),
  }
}
