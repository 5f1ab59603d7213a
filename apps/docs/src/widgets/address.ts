/** Told by what sets a widget's part of the address: a link in the text. */
export const ADDRESS = 'handgrad:address'

/** Calls `read` now, and whenever a link in the text sets the address. Gives what ends that. */
export function followAddress(read: () => void): () => void {
  read()
  document.addEventListener(ADDRESS, read)
  return () => document.removeEventListener(ADDRESS, read)
}

/** Replaces those parameters of the address that begin with `prefix`; others stay. */
export function setAddress(prefix: string, values: Readonly<Record<string, string | number>>): void {
  const query = new URLSearchParams(location.search)
  const own = Array.from(query.keys()).filter((key) => key.startsWith(prefix))
  for (const key of own) query.delete(key)
  for (const [name, value] of Object.entries(values)) query.set(prefix + name, String(value))
  // Commas may stay as they are, which is easier to read.
  const text = query.toString().replaceAll('%2C', ',')
  history.replaceState(history.state, '', `${location.pathname}${text && `?${text}`}${location.hash}`)
}

/** Those parameters of the address that begin with `prefix`, without it. */
export function readAddress(prefix: string): Record<string, string> {
  const all = [...new URLSearchParams(location.search)].filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(all.map(([key, value]) => [key.slice(prefix.length), value]))
}
