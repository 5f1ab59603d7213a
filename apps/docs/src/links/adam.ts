import type { Links } from '../lib/links.ts'

export const links: Links = { symbols: {} }
