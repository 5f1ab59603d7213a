/** What the reader sets of a run; the page's address keeps what differs from the start. */
export interface Recipe {
  model: string
  optimizer: 'sgd' | 'adam'
  set: string
  lr: number
  epochs: number
  batchSize: number
  seed: number
  threads: number
}

/** Threads need shared memory, which needs an isolated page. */
const threads = (): number =>
  globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 8) : 1

function start(): Recipe {
  return {
    model: 'seed',
    optimizer: 'sgd',
    set: 'subset',
    lr: 0.1,
    epochs: 5,
    batchSize: 64,
    seed: 0,
    threads: threads(),
  }
}

const choices: Partial<Record<keyof Recipe, readonly string[]>> = {
  model: ['seed', 'lenet5', 'mlp'],
  optimizer: ['sgd', 'adam'],
  set: ['subset', 'full'],
}

/** Reads a recipe from an address; what does not fit is left out. */
export function readRecipe(search: string): Recipe {
  const recipe: Record<string, string | number> = { ...start() }
  for (const [key, text] of new URLSearchParams(search)) {
    if (!(key in recipe)) continue
    const allowed = choices[key as keyof Recipe]
    if (allowed !== undefined ? allowed.includes(text) : Number(text) > 0 || text === '0')
      recipe[key] = allowed === undefined ? Number(text) : text
  }
  return recipe as unknown as Recipe
}

/** The query with the recipe in it. */
export function writeRecipe(search: string, recipe: Recipe): string {
  const query = new URLSearchParams(search)
  const from = start()
  for (const key of Object.keys(recipe) as (keyof Recipe)[]) {
    if (recipe[key] === from[key]) query.delete(key)
    else query.set(key, String(recipe[key]))
  }
  const text = query.toString()
  return text && `?${text}`
}
