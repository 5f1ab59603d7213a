/** The repository's root: commands that look at its layers, fixtures or results start from here. */
export const repository: URL = new URL('../../../', import.meta.url)
