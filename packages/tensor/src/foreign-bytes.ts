interface Kind {
  /** Whether a file that starts so is of this kind: one character a byte. */
  fits(start: string): boolean
  /** The end of `the file is …`: what it is, and what to do. */
  readonly is: string
}

const startsWith = (...starts: string[]): Kind['fits'] => {
  return (start) => starts.some((each) => start.startsWith(each))
}

// mutant: swapped arguments is equivalent because either start will do
const isZip = startsWith('PK\x03\x04', 'PK\x05\x06')
/** The magic number of `torch.save` before 1.6, as a pickle of protocol 2. */
const isTorchPickle = startsWith('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19')
/** Where a zip archive has the name of its first record; that of `torch.save` is <name>/data.pkl or such. */
const NAME = 30
const isTorchZip: Kind['fits'] = (start) =>
  isZip(start) && /^[^/]{1,200}\/(data\.pkl|data\/\d|byteorder|version|\.)/.test(start.slice(NAME))

/** Kinds of file that are taken for weights or data by mistake. */
const kinds: readonly Kind[] = [
  {
    fits: startsWith('version https://git-lfs.github.com/spec/'),
    is: 'a Git LFS pointer, which stands for the file: fetch that with git lfs pull',
  },
  {
    fits: (start) => /^(\xef\xbb\xbf)?\s*(<!--[^]*?-->\s*)?<(!doctype html|html|head)\b/i.test(start),
    is: 'an HTML page, as a host answers for a name that it does not have: download the file itself',
  },
  {
    fits: (start) => isTorchPickle(start) || isTorchZip(start),
    is: 'a PyTorch file (.pth, .pt): save its state dict with safetensors.torch.save_file',
  },
  { fits: isZip, is: 'a zip archive: unpack it' },
  { fits: startsWith('\x1f\x8b'), is: 'gzipped: unpack it' },
  { fits: startsWith('\x93NUMPY'), is: 'a NumPy file' },
  { fits: startsWith('\x89HDF\r\n'), is: 'an HDF5 file' },
]

const LOOKED_AT = 1024

/** What the bytes are where they start like another kind of file, as the end of `the file is …`; null if they do not. */
export function foreignKind(bytes: Uint8Array): string | null {
  // Not TextDecoder: what it calls latin1 is another code.
  const start = String.fromCharCode(...bytes.subarray(0, LOOKED_AT))
  return kinds.find((kind) => kind.fits(start))?.is ?? null
}
