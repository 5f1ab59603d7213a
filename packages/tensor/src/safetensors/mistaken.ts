const CONVERT = 'convert it with safetensors.torch.save_file(torch.load(path), …)'

/** Files that are given for weights by mistake: how they may begin, in lower case, and what they are. */
const kinds: readonly [begins: readonly string[], what: string][] = [
  [
    ['version https://git-lfs'],
    'a Git LFS pointer, which stands for the file; fetch that with `git lfs pull`',
  ],
  [['pk\x03\x04'], `a zip archive, as PyTorch's .pth and .pt are; ${CONVERT}`],
  [['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'], `a pickle, as old .pth files are; ${CONVERT}`],
  [['<!doctype', '<html', '<?xml'], 'an HTML page: the server sent it in place of the file'],
  [['\x1f\x8b'], 'gzipped; unpack it first'],
]

/** What a file is that is no safetensors file, where its beginning says so. */
export function otherKind(bytes: Uint8Array): string | undefined {
  const start = Array.from(bytes.subarray(0, 64), (byte) => String.fromCharCode(byte)).join('')
  const text = start.trimStart().toLowerCase()
  return kinds.find(([begins]) => begins.some((sign) => text.startsWith(sign)))?.[1]
}
