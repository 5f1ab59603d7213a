import { groups } from './groups.ts'

/** How much a word counts in pages of a group; elsewhere 1. Long tables have every word, and explain none. */
const weights: Readonly<Record<string, number>> = { 'The course': 6, Evidence: 0.4 }

/** What a word counts in the text of a page: of those that have it one wants the chapter, and the API reference last. */
export function searchWeight(id: string): number {
  if (id.startsWith('api/')) return 0.1
  const group = groups.find(({ items }) => items.includes(id))
  return weights[group?.label ?? ''] ?? 1
}
